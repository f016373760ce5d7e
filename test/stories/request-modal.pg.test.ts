// The window of `/gpu request`: what it says as fields change, what becomes of it when it is sent, and when something is wrong with it.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestFields as ids } from '../../src/slack/ids.ts';
import type { Delivery } from '../../src/local/slack/deliveries.ts';
import { holdLocks } from '../support/locks.ts';
import { POOLS, testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const { ada } = people;
const policy = (quota: object = {}) =>
  testPolicy({
    quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2, gpuHours: 100, ...quota },
    pools: [{ ...POOLS[0], approval: { unless: { gpus: 1, duration: '8h' } } }, POOLS[1]],
    images: [
      { name: 'test', reference: 'berth-test:1' },
      { name: 'torch', reference: 'torch:1' },
      { name: 'sweep', reference: 'sweep:1', class: 'batch' },
    ],
  });

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: policy() });
  await story.startHost({ name: 'gpu-01', gpus: 4 });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('4 of 4'), 'the host');
});
afterAll(async () => story.end());

const seen = (user: string = ada) => story.slack.modalSeenBy(user);
const expectWords = async (words: RegExp, user: string = ada) =>
  story.slack.waitFor(() => (words.test(seen(user)?.words ?? '') ? seen(user) : undefined), 5000, `${words} in: ${seen(user)?.words}`);
const value = (field: string) => seen()?.fields.find(({ blockId }) => blockId === field)?.value;
const rows = async () => [
  ...(await story.ledger.reads.execute<{ id: string; state: string; n: number; purpose: string }>(
    sql`select id, state, device_count as n, purpose from allocations order by requested_at, id`,
  )),
];
const lastSubmission = () => story.slack.deliveries.findLast(({ payload }) => payload['type'] === 'view_submission')!;

/** Opens it, with nothing held. */
beforeEach(async () => {
  for (const { id } of (await rows()).filter(({ state }) => state === 'requested' || state === 'queued'))
    await story.gpu(ada, `cancel ${id}`);
  for (const { id } of (await rows()).filter(({ state }) => state === 'active' || state === 'placed'))
    await story.gpu(ada, `release ${id}`);
  await story.until(async () => (await story.gpu(ada, 'status')).includes('4 of 4'), 'everything to be free');
  if (seen() !== undefined) await story.slack.closeView(ada, { all: true });
  await story.slack.command(ada, CHANNEL, '/gpu', 'request');
  await expectWords(/Free now/);
});

describe('the window', () => {
  it('says at once what the usual request would come to', () => {
    expect(seen()).toMatchObject({ title: 'Ask for GPUs', submit: 'Start now', close: 'Cancel' });
    expect([ids.pool, ids.devices, ids.length, ids.time, ids.image, ids.purpose].map(value)).toEqual([
      'a100',
      '1',
      'for 14400',
      null,
      'test',
      null,
    ]);
    const pools = seen()?.fields[0]?.options.map(({ text }) => text);
    expect(pools).toEqual(['a100: 4 of 4 free', 'l4: no host offers it', 'cpu: a container without a GPU']);
    expect(seen()?.words).toContain('1 × a100* starts now, without an approval.');
    expect(seen()?.words).toMatch(/GPUs at once: 0 → 1 of 4 \(everybody’s limit\)/);
    expect(seen()?.words).toMatch(/Your GPU-hours this week: [\d.]+ → [\d.]+ of 100/);
    expect(seen()?.words).toMatch(/Its 4 h begin when the container runs; started now, it would end .* \(Europe\/Berlin\)\./);
  });

  it('says as fields change what is free, what counts, who has to approve, and when it ends', async () => {
    await story.slack.type(ada, ids.purpose, 'fine-tune');
    await story.slack.choose(ada, ids.devices, '2');
    const two = await expectWords(/2 × a100\* starts as soon as it is approved, as things are now/);
    expect(two.submit).toBe('Ask for approval');
    expect(two.words).toMatch(/GPUs at once: 0 → 2 of 4/);
    expect(two.words).toMatch(/Asked is <@U0PAT0001> or <@U0PIA0001>\. Unanswered it lapses/);
    await story.slack.choose(ada, ids.pool, 'cpu');
    const cpu = await expectWords(/a CPU container\* starts now/);
    expect(cpu.fields.map(({ blockId }) => blockId)).not.toContain(ids.devices);
    await story.slack.choose(ada, ids.pool, 'l4');
    const l4 = await expectWords(/Not yet:\* No host offers `l4`/);
    expect(l4.words).toContain('As it stands I would refuse this');
    expect(l4.submit).toBe('Send request');
    await story.slack.choose(ada, ids.pool, 'a100');
    await story.slack.choose(ada, ids.length, 'for 86400');
    await expectWords(/Its 1 day begin/);
    expect(value(ids.purpose)).toBe('fine-tune');
  });

  it('counts what is typed instead of what is chosen, with Enter, and says what was not understood and what would be', async () => {
    await story.slack.type(ada, ids.time, '90m');
    await story.slack.pressInView(ada, ids.time);
    await expectWords(/Its 1 h 30 min begin/);
    await story.slack.type(ada, ids.time, 'until fridya 18:00');
    await story.slack.pressInView(ada, ids.time);
    const slip = await expectWords(
      /I did not understand `until fridya 18:00`\. Did you mean `until friday 18:00`\? Write how long, such as `6h`/,
    );
    expect(slip.blocks.map((block) => block['block_id'])).toContain('problem');
    expect(value(ids.time)).toBe('until fridya 18:00');
    await story.slack.type(ada, ids.time, '2 days');
    await story.slack.pressInView(ada, ids.time);
    await expectWords(/`a100` may be had for 1 day at a time; you asked for 2 days/);
  });

  it('shows the newest of two choices that cross each other, whichever version they were made on', async () => {
    const first = seen()!.hash;
    await story.slack.choose(ada, ids.devices, '3');
    await expectWords(/3 × a100/);
    const sent = story.slack.deliveries.findLast(({ payload }) => payload['type'] === 'block_actions')!;
    const view = { ...(sent.payload['view'] as object), hash: first };
    const [action] = sent.payload['actions'] as { action_ts: string }[];
    const shiftedBy = (seconds: number) => ({
      ...sent.payload,
      view:
        seconds > 0
          ? { ...view, state: JSON.parse(JSON.stringify((view as { state?: object }).state).replaceAll('"3"', '"4"')) as object }
          : view,
      actions: [{ ...action, action_ts: String(Number(action!.action_ts) + seconds) }],
    });
    await story.slack.resend({}, { ...sent, payload: shiftedBy(1) } as Delivery);
    await expectWords(/4 × a100/);
    await story.slack.resend({}, { ...sent, payload: shiftedBy(-1) } as Delivery);
    await story.gpu(ada, 'help');
    expect(seen()?.words).toContain('4 × a100');
  });

  it('is opened by the button of the status as well', async () => {
    await story.slack.closeView(ada);
    await story.gpu(ada, 'status');
    await story.press(ada, CHANNEL, 'open_request');
    await expectWords(/Free now/);
  });

  it('is words in a direct message, where nothing can be opened', async () => {
    const dm = story.slack.dm(ada);
    await story.slack.say(ada, dm, 'request');
    expect((await story.sees(ada, dm, /How to ask/)).words).toContain('How to ask for GPUs');
  });

  it('that Slack does not open any more is said in words', async () => {
    await story.slack.closeView(ada);
    story.slack.fail.next('views.open', { error: 'expired_trigger_id' });
    await story.slack.command(ada, CHANNEL, '/gpu', 'request');
    expect((await story.sees(ada, CHANNEL, /did not open/)).words).toContain('Slack did not open the window in time');
  });
});

describe('a window that cannot be filled', () => {
  it('says so, and the message what went wrong', async () => {
    await story.slack.closeView(ada);
    await story.ledger.reads.execute(sql`alter table overrides rename to overrides_gone`);
    await story.slack.command(ada, CHANNEL, '/gpu', 'request');
    await expectWords(/I could not look up what is free\. Close this window/);
    await story.ledger.reads.execute(sql`alter table overrides_gone rename to overrides`);
    expect((await story.sees(ada, CHANNEL, /went wrong/)).words).toMatch(/it is noted as `[0-9a-f]{8}`/);
  });
});

describe('sent', () => {
  it('is a request, answered in its place, once though it is delivered again', async () => {
    const before = (await rows()).length;
    await story.slack.type(ada, ids.purpose, 'fine-tune of run 12');
    expect((await story.slack.submit(ada)).outcome).toBe('updated');
    expect(seen()?.words).toMatch(/1 × a100 for 4 h/);
    expect(seen()?.submit).toBeUndefined();
    for (const how of ['anew', 'copy'] as const) await story.slack.resend(how === 'copy' ? { how } : {}, lastSubmission());
    const made = (await rows()).slice(before);
    expect(made).toMatchObject([{ n: 1, purpose: 'fine-tune of run 12' }]);
    await story.until(async () => (await rows()).at(-1)?.state === 'active', 'it to run');
  });

  it('as two requests, one starts without an approval and a person is asked for the rest, each once', async () => {
    await story.slack.choose(ada, ids.devices, '2');
    await expectWords(/Start 1 now without an approval, and ask for the other 1/);
    await story.slack.choose(ada, ids.split, ['split']);
    const both = await expectWords(/1 × a100\* starts now, without an approval\. \*1 × a100\* waits for one/);
    expect(both.submit).toBe('Start 1, ask for 1');
    const before = (await rows()).length;
    expect((await story.slack.submit(ada)).outcome).toBe('updated');
    expect(seen()?.words).toMatch(/waits for an approval by/);
    await story.slack.resend({}, lastSubmission());
    await story.until(async () => (await rows()).slice(before).some(({ state }) => state === 'active'), 'one to run');
    const made = (await rows()).slice(before);
    expect(made.map(({ state, n }) => `${n} ${state}`).toSorted()).toEqual(['1 active', '1 requested']);
    const asked = made.find(({ state }) => state === 'requested')!;
    expect(await story.gpu(ada, `why ${asked.id}`)).toContain('a person was asked, as this request wanted');
    await story.sees(people.pat, CHANNEL, /asks for/);
  });

  it('with words that are not understood, they are marked beside their field, and everything is kept', async () => {
    const before = (await rows()).length;
    await story.slack.type(ada, ids.purpose, 'evaluation');
    await story.slack.type(ada, ids.time, 'whenever');
    const { outcome, errors } = await story.slack.submit(ada);
    expect(outcome).toBe('errors');
    expect(errors).toEqual({
      [ids.time]: 'I did not understand whenever. Write how long, such as 6h, 90m or 2 days, or until when, such as fri 18:00 or tonight.',
    });
    expect([ids.time, ids.purpose].map(value)).toEqual(['whenever', 'evaluation']);
    expect(await rows()).toHaveLength(before);
    await story.slack.type(ada, ids.time, '2h');
    expect((await story.slack.submit(ada)).outcome).toBe('updated');
    expect((await rows()).slice(before)).toMatchObject([{ n: 1, purpose: 'evaluation' }]);
  });

  it('and refused by the ledger, it stays open with the reason at the field, and can be put right', async () => {
    const before = (await rows()).length;
    await story.slack.choose(ada, ids.devices, '3');
    await expectWords(/3 × a100/);
    await story.setPolicy(policy({ gpus: 2 }));
    expect((await story.slack.submit(ada)).outcome).toBe('updated');
    await expectWords(/Not yet:\* That would be 3 GPUs at once; your limit is 2/);
    expect(value(ids.devices)).toBe('3');
    await story.slack.choose(ada, ids.devices, '1');
    await expectWords(/1 × a100\* starts now/);
    expect(seen()?.words).not.toContain('Not yet');
    expect((await story.slack.submit(ada)).outcome).toBe('updated');
    expect((await rows()).slice(before)).toMatchObject([{ n: 1 }]);
    await story.setPolicy(policy());
  });

  it('while the ledger is busy, it closes, and the answer comes by direct message', async () => {
    const before = (await rows()).length;
    const letGo = await holdLocks(story.bots[0]!.app, { accounts: ['member:1'] });
    const { outcome } = await story.slack.submit(ada);
    await letGo();
    expect(outcome).toBe('closed');
    await story.sees(ada, story.slack.dm(ada), /1 × a100 for 4 h/);
    expect((await rows()).slice(before)).toHaveLength(1);
  });

  it('by somebody who may not, it is refused, and so is opening it', async () => {
    const guest = story.slack.addMember({ name: 'gil', kind: 'guest' });
    story.slack.joinChannel(CHANNEL, guest.id);
    expect(await story.gpu(guest.id, 'request')).toContain('Guest accounts cannot use the GPUs here');
    expect(seen(guest.id)).toBeUndefined();
    await story.slack.submit(ada);
    const before = (await rows()).length;
    const ack = await send({ user: { ...(lastSubmission().payload['user'] as object), id: guest.id } });
    expect(JSON.stringify(ack)).toContain('Guest accounts cannot use the GPUs here');
    expect(await rows()).toHaveLength(before);
  });

  it('with values that were never offered, it says which, and changes nothing', async () => {
    await story.slack.submit(ada);
    const before = (await rows()).length;
    const ack = await send({}, { [ids.pool]: 'a1000', [ids.devices]: '-3', [ids.length]: 'until 1', [ids.image]: 'x'.repeat(300) });
    const { errors } = (ack as { body: { errors: Record<string, string> } }).body;
    expect(errors[ids.pool]).toMatch(/^There is no pool a1000\. Did you mean a100\?/);
    expect(errors[ids.devices]).toBe('-3 is no number of GPUs; choose from 1 to 1024.');
    expect(errors[ids.length]).toMatch(/^until 1 is not among the choices\. Write how long/);
    expect(errors[ids.image]).toMatch(/^There is no image x+…/);
    expect(JSON.stringify(await send({}, { [ids.image]: 'sweep' }))).toMatch(/is an image for batch jobs/);
    expect(JSON.stringify(await send({}, { [ids.devices]: '900' }))).toMatch(
      /900 × `a100` do not fit on one host|That would be 900 GPUs|at most/,
    );
    expect(await rows()).toHaveLength(before);
  });
});

describe('over Socket Mode, with two bots', () => {
  let shared: Story;
  beforeAll(async () => {
    shared = await startStory({ transport: 'socket', bots: 'two processes', policy: policy() });
    await shared.startHost({ name: 'gpu-01', gpus: 4 });
    await shared.until(async () => (await shared.gpu(ada, 'status')).includes('4 of 4'), 'the host');
  });
  afterAll(async () => shared.end());

  it('every choice is drawn, whichever bot hears it, and what is sent counts once', async () => {
    const { slack } = shared;
    const wait = (words: RegExp) => slack.waitFor(() => words.test(slack.modalSeenBy(ada)?.words ?? ''), 8000, String(words));
    await slack.command(ada, CHANNEL, '/gpu', 'request');
    await wait(/Free now/);
    for (const devices of ['2', '3', '4', '2']) {
      await slack.choose(ada, ids.devices, devices);
      await wait(new RegExp(`${devices} × a100\\* starts`));
    }
    await slack.choose(ada, ids.split, ['split']);
    await wait(/these are two requests/);
    expect((await slack.submit(ada)).outcome).toBe('updated');
    await slack.resend();
    const made = await shared.ledger.reads.execute<{ n: number }>(sql`select device_count as n from allocations`);
    expect([...made]).toEqual([{ n: 1 }, { n: 1 }]);
  });
});

let forged = 0;
/** The last submission once more, of another version of the window, with other contents. */
async function send(change: object, values: Record<string, string> = {}): Promise<unknown> {
  const { payload, kind } = lastSubmission();
  const view = payload['view'] as { state: { values: Record<string, Record<string, object>> } };
  const chosen = Object.entries(values).map(([id, each]) => [id, { [id]: { type: 'static_select', selected_option: { value: each } } }]);
  const state = { values: { ...view.state.values, ...Object.fromEntries(chosen) } };
  const delivery = { kind, payload: { ...payload, ...change, view: { ...view, hash: `forged-${++forged}`, state } } } as Delivery;
  return story.slack.resend({}, delivery);
}
