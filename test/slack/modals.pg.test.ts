// The frame around every modal: opening, choosing, submitting; what is shown in it, what is done once, and what comes by direct message.
import type { AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refuse } from '../../src/domain/refusal.ts';
import { closeServer, listenOn } from '../../src/listen.ts';
import { createBoltApp } from '../../src/slack/bolt-app.ts';
import { createClients } from '../../src/slack/client.ts';
import { aboutOf, filledIn } from '../../src/slack/filled.ts';
import type { Listeners } from '../../src/slack/hearing.ts';
import { listeners } from '../../src/slack/listeners.ts';
import { inView, openModal, updateModal } from '../../src/slack/modals.ts';
import { createSlackReceiver } from '../../src/slack/receiver.ts';
import { submission } from '../../src/slack/submissions.ts';
import type { Message } from '../../src/slack/views/blocks.ts';
import { modal } from '../../src/slack/views/modal.ts';
import { askFor } from '../support/app.ts';
import { holdLocks } from '../support/locks.ts';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const text = (words: string) => ({ type: 'plain_text' as const, text: words });
const view = (title: string) =>
  modal({
    callback: 'probe',
    title,
    submit: 'Ask',
    about: { version: 3 },
    blocks: [
      { type: 'input', block_id: 'pool', label: text('Pool'), element: { type: 'plain_text_input', action_id: 'pool' } },
      { type: 'input', block_id: 'why', label: text('Why'), optional: true, element: { type: 'plain_text_input', action_id: 'why' } },
      {
        type: 'input',
        block_id: 'size',
        label: text('Size'),
        dispatch_action: true,
        element: { type: 'static_select', action_id: 'size', options: ['1', '2'].map((value) => ({ text: text(value), value })) },
      },
    ],
  });

const answers: string[] = [];

/** `/gpu` opens a modal that asks for one container, or for two at once. */
const table: Listeners = {
  ...listeners,
  command: {
    ...listeners.command,
    hear: async (hearing, { body, ack }) => {
      const { guard } = hearing;
      const turn = { user: body.user_id, ack: async () => ack(), reply: async (message: Message) => void answers.push(message.text) };
      await guard.run(turn, async (guarded) => {
        await openModal(hearing, guarded, body.text === 'late' ? '1.2.3' : body.trigger_id, view('Ask'));
      });
    },
  },
  viewActions: {
    size: inView(async (hearing, turn, chosen) => {
      if (filledIn(chosen.view).one('pool') === 'mine') return refuse({ code: 'own_request' });
      await turn.ack();
      await updateModal(hearing, chosen.view, view('type' in chosen.action ? 'Drawn anew' : ''));
    }),
  },
  views: {
    probe: submission({
      read: async (_hearing, _turn, { view: submitted, filled }) => {
        if (aboutOf(z.object({ version: z.literal(3) }), submitted) === null) throw new Error('it does not say what it is about');
        const pool = filled.one('pool') ?? '';
        if (pool === 'what') return { errors: { pool: '`what` is no pool; see `/gpu status`, <@U0ADA0001> &amp; co.' } };
        if (pool === 'bug') throw new Error('a bug');
        const purpose = filled.one('why') ?? '';
        const asks = filled.one('size') === '2' ? [pool, 'l4'] : [pool];
        return { asks: asks.map((each) => ({ verb: 'request' as const, ask: askFor({ pool: each, purpose }) })) };
      },
      besides: ({ code }) => (code === 'unknown_pool' ? 'pool' : null),
    }),
  },
};

let story: Story;
let end: () => Promise<void>;
beforeAll(async () => {
  story = await startStory({ policy: testPolicy({ quota: { gpus: 50, gpusPerRequest: 50, cpuContainers: 2 } }) });
  await story.startHost({ name: 'gpu-01', gpus: 2 });
  await story.until(async () => (await story.gpu(people.ada, 'status')).includes('2 of 2'), 'the host');
  const app = story.bots[0]!.app;
  const { slack } = story.configs[0]!;
  const receiver = createSlackReceiver(slack, app.log, () => Date.now() / 1000);
  const server = receiver.server!;
  const guard = await createBoltApp(app, createClients(slack, app.log), slack, receiver.receiver, table);
  await listenOn(server, { kind: 'tcp', host: '127.0.0.1', port: 0 });
  story.slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events` });
  end = async () => {
    await guard.drained(5000);
    await closeServer(server);
    await story.end();
  };
});
afterAll(async () => end());

const { ada } = people;
const seen = () => story.slack.modalSeenBy(ada);
const rows = async () => {
  const [row] = await story.ledger.reads.execute<{ asked: number; noted: number }>(
    sql`select (select count(*)::int from allocations) as asked, (select count(*)::int from inbox) as noted`,
  );
  return row!;
};
const unanswered = async () => [...(await story.ledger.reads.execute(sql`select key from inbox where answered_at is null`))].length;
const told = () => story.screen(ada, story.slack.dm(ada));

beforeEach(async () => {
  if (seen() !== undefined) await story.slack.closeView(ada, { all: true });
  await story.slack.command(ada, CHANNEL, '/gpu', 'open');
  await story.slack.waitFor(seen, 5000, 'the modal');
});

/** Ada fills in the modal and submits it. */
async function submit(pool: string, size = '1') {
  await story.slack.type(ada, 'pool', pool);
  await story.slack.type(ada, 'why', 'because');
  await story.slack.choose(ada, 'size', size);
  await story.slack.waitFor(() => seen()?.title === 'Drawn anew', 5000, 'the new drawing');
  return story.slack.submit(ada);
}

describe('a modal', () => {
  it('is drawn anew when something is chosen in it, and keeps what was typed', async () => {
    await story.slack.type(ada, 'pool', 'a100');
    await story.slack.choose(ada, 'size', '2');
    const drawn = await story.slack.waitFor(() => (seen()?.title === 'Drawn anew' ? seen() : undefined), 5000, 'the new drawing');
    expect(drawn.fields.map(({ value }) => value)).toEqual(['a100', null, '2']);
  });

  it('says on top that what was chosen in it is refused, and keeps what was typed', async () => {
    await story.slack.type(ada, 'pool', 'mine');
    await story.slack.choose(ada, 'size', '2');
    const refused = await story.slack.waitFor(() => (seen()?.words.includes('your own request') ? seen() : undefined), 5000, 'the refusal');
    expect(refused.blocks[0]?.['block_id']).toBe('problem');
    expect(refused.fields.map(({ value }) => value)).toEqual(['mine', null, '2']);
    expect(told()).toEqual([]);
  });

  it('says what is wrong beside the field, in words without formatting, and notes nothing down', async () => {
    const before = await rows();
    expect(await submit('what')).toMatchObject({
      outcome: 'errors',
      errors: { pool: 'what is no pool; see /gpu status, @U0ADA0001 & co.' },
    });
    expect(seen()?.fields.map(({ value }) => value)).toEqual(['what', 'because', '1']);
    expect(await rows()).toEqual(before);
  });

  it('shows a refusal below the field that it is about, keeps what was typed, and takes the next try', async () => {
    expect((await submit('a1000')).outcome).toBe('updated');
    expect(seen()?.words).toContain('There is no pool `a1000`. Did you mean `a100`?');
    const at = seen()!.blocks.map((block) => block['block_id']);
    expect(at.slice(0, 2)).toEqual(['pool', 'problem']);
    expect(seen()?.fields.map(({ value }) => value)).toEqual(['a1000', 'because', '1']);
    await story.slack.type(ada, 'pool', 'l4');
    const { asked } = await rows();
    expect((await story.slack.submit(ada)).outcome).toBe('updated');
    expect((await rows()).asked).toBe(asked);
    expect(seen()?.words).toContain('No host offers `l4`');
    expect(seen()?.blocks.filter((block) => block['block_id'] === 'problem')).toHaveLength(1);
  });

  it('gives way to the answer, without buttons, and once when it is delivered again', async () => {
    const { asked } = await rows();
    expect((await submit('a100')).outcome).toBe('updated');
    expect(seen()).toMatchObject({ submit: undefined, close: 'Close', buttons: [] });
    expect(seen()?.words).toMatch(/waits for an approval/);
    const sent = story.slack.deliveries.findLast(({ payload }) => payload['type'] === 'view_submission');
    expect(await story.slack.resend({}, sent)).toMatchObject({ outcome: 'acked', body: '' });
    expect((await rows()).asked).toBe(asked + 1);
    expect(await unanswered()).toBe(0);
    expect(told()).toEqual([]);
  });

  it('asks twice with keys of their own, and answers both', async () => {
    const { asked, noted } = await rows();
    await submit('a100', '2');
    expect(seen()?.words).toMatch(/waits for an approval[^]*No host offers `l4`/);
    expect(await rows()).toEqual({ asked: asked + 1, noted: noted + 2 });
  });

  it('closes when somebody else’s decision takes long, and the answer comes by direct message, once', async () => {
    const { asked } = await rows();
    const { app } = story.bots[0]!;
    const letGo = await holdLocks(app, { accounts: ['member:1'] });
    const submitted = await submit('a100');
    await letGo();
    expect(submitted.outcome).toBe('closed');
    expect(seen()).toBeUndefined();
    expect((await story.sees(ada, story.slack.dm(ada), /waits for an approval/)).buttons.map(({ actionId }) => actionId)).toEqual([
      'cancel',
    ]);
    await story.until(async () => (await unanswered()) === 0, 'it to count as answered');
    expect(told()).toHaveLength(1);
    expect((await rows()).asked).toBe(asked + 1);
  });

  it('that nobody answered, since the bot died, is answered by direct message, and not done again when it is submitted again', async () => {
    const { asked } = await rows();
    const before = told().length;
    await story.ledger.reads.execute(sql`alter table events rename to events_away`);
    await submit('a100');
    await story.ledger.reads.execute(sql`alter table events_away rename to events`);
    expect(Object.values(seen()?.errors ?? {})[0]).toMatch(/Something went wrong/);
    expect((await story.slack.submit(ada)).outcome).toBe('closed');
    await story.ledger.reads.execute(sql`update inbox set claimed_until = received_at where answered_at is null`);
    await story.until(async () => told().length > before, 'the answer');
    expect((await rows()).asked).toBe(asked + 1);
    expect(await unanswered()).toBe(0);
  });

  it('says beside a field that something went wrong, and takes the same submission again', async () => {
    const { errors } = await submit('bug');
    expect(errors['pool']).toMatch(/Something went wrong on my side; it is noted as [0-9a-f]{8}/);
  });

  it('that Slack does not open is answered in words', async () => {
    await story.slack.closeView(ada);
    await story.slack.command(ada, CHANNEL, '/gpu', 'late');
    await story.until(async () => answers.length > 0, 'the answer');
    expect(answers).toEqual([expect.stringContaining('Slack did not open the window in time')]);
    expect(seen()).toBeUndefined();
  });

  it('refuses who may not, in the modal', async () => {
    const sent = story.slack.deliveries.findLast(({ payload }) => payload['type'] === 'view_submission')!;
    const stranger = story.slack.addMember({ name: 'eve', kind: 'guest' });
    const user = { ...(sent.payload['user'] as object), id: stranger.id };
    const ack = await story.slack.resend({}, { ...sent, payload: { ...sent.payload, user } });
    expect(JSON.stringify(ack)).toContain('Guest accounts cannot use the GPUs here');
  });
});
