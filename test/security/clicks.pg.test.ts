// Row A8, buttons and ids: a click counts once, where Berth has put that button, for that version, and only from somebody who may.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { people, testPolicy } from '../support/policy.ts';
import { CHANNEL, startStory, type Story } from '../support/story.ts';
import { answerTo, changesNothing, clickBody, outcomes, sendSigned } from './support.ts';

type ClickOptions = NonNullable<Parameters<Story['slack']['click']>[3]>;

/** What refused clicks do write down: that they were made. */
const BUT_INBOX = ['inbox'] as const;
const { ada, bob, pat, pia, root } = people;

let story: Story;

beforeAll(async () => {
  story = await startStory({
    policy: testPolicy({ approvers: [pat, pia, ada], quota: { gpus: 50, gpusPerRequest: 2, cpuContainers: 9 } }),
  });
  await story.startHost({ name: 'gpu-01', gpus: 8 });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('8 of 8'), 'free GPUs');
  for (const user of [bob, pat, pia, root]) await story.gpu(user, 'help');
});
afterAll(async () => story.end());

interface Asked {
  readonly id: string;
  readonly place: { readonly channel: string; readonly ts: string };
}

/** A request that waits on its card in the approvers' channel. */
async function asks(user: string): Promise<Asked> {
  const id = /al-[0-9a-z]+/.exec(await story.gpu(user, 'request 1 a100 for 2h'))?.[0] ?? '';
  const { ts } = await story.sees(pat, CHANNEL, new RegExp(`asks for[\\s\\S]*\`${id}\` · time counts`));
  // From now on the ledger knows where the card stands.
  const known = async () => (await story.ledger.reads.query.outbox.findMany()).some((row) => row.allocationId === id && row.ts === ts);
  await story.until(known, 'the card’s place');
  return { id, place: { channel: CHANNEL, ts } };
}

/** Nothing is under way: what was approved runs, and everything has been shown. */
async function quiet(): Promise<void> {
  const { reads } = story.ledger;
  const moving = async () =>
    (await reads.query.allocations.findMany()).filter(({ state }) => ['queued', 'placed', 'retiring'].includes(state)).length +
    (await reads.query.outbox.findMany()).filter(({ shown, wanted }) => shown < wanted).length;
  await story.until(async () => (await moving()) === 0, 'everything to be settled and shown');
}

/** What an earlier test has released is gone. */
async function settled(): Promise<void> {
  const onTheWay = async () => (await story.ledger.reads.query.allocations.findMany()).filter(({ state }) => state === 'retiring').length;
  await story.until(async () => (await onTheWay()) === 0, 'what was released to be gone');
}

async function click(user: string, place: Asked['place'], button: string, options: ClickOptions = {}): Promise<string> {
  return answerTo(story, user, place.channel, () => story.slack.click(user, place, button, options));
}

/** A click that counts: its card changes, and it is settled when this resolves. */
async function press(user: string, place: Asked['place'], button: string, options: ClickOptions = {}): Promise<void> {
  const before = (await outcomes(story, user)).length;
  await story.slack.click(user, place, button, options);
  await story.until(async () => (await outcomes(story, user)).length === before + 1, 'the outcome');
}

describe('a card', () => {
  let first: Asked;
  let second: Asked;
  beforeEach(async () => {
    first = await asks(ada);
    second = await asks(bob);
  });

  it('takes no value but its own', async () => {
    await changesNothing(story, async () => {
      for (const value of [
        `${second.id}:1`,
        '',
        'x',
        `${first.id}:0`,
        `${first.id}:1e3`,
        `${first.id}:1 `,
        `${first.id}'--:1`,
        'al-zzzzzzzz:1',
      ]) {
        expect(await click(pat, first.place, 'approve', { tamper: { value } })).toMatch(/not the current card/);
      }
    });
  });

  it('takes no version but the one the allocation has', async () => {
    await changesNothing(
      story,
      async () => expect(await click(pat, first.place, 'approve', { tamper: { value: `${first.id}:7` } })).toMatch(/^Too late/),
      BUT_INBOX,
    );
  });

  it('counts only at the place where Berth has put it', async () => {
    const elsewhere = [{ ts: second.place.ts }, { ts: '1.000001' }, { channel: story.slack.dm(pat) }, { channel: 'C0ELSEWHE' }];
    await changesNothing(story, async () => {
      for (const tamper of elsewhere) expect(await click(pat, first.place, 'approve', { tamper })).toMatch(/not the current card/);
    });
  });

  it('does nothing that its buttons do not say, not even for an admin', async () => {
    await changesNothing(story, async () => {
      for (const actionId of ['cancel', 'release']) {
        expect(await click(root, first.place, 'approve', { tamper: { actionId } })).toMatch(/not the current card/);
      }
    });
  });

  it('is not for outsiders, and not for who asked', async () => {
    await changesNothing(
      story,
      async () => {
        expect(await click(bob, first.place, 'approve')).toMatch(/Only the approvers/);
        expect(await click(root, first.place, 'deny')).toMatch(/Only the approvers/);
        expect(await click(ada, first.place, 'approve')).toMatch(/your own request/);
      },
      BUT_INBOX,
    );
  });

  it('hears two people who press in the same instant, each with an answer', async () => {
    const options = { tamper: { actionTs: '1790000000.000001' } };
    await Promise.all([press(pia, first.place, 'approve', options), press(pat, first.place, 'approve', options)]);
    const both = [...(await outcomes(story, pia)), ...(await outcomes(story, pat))].filter((row) => row.includes(first.id));
    expect(both.filter((row) => row.includes('too_late'))).toHaveLength(1);
    expect(both.filter((row) => /"kind": "approved"/.test(row))).toHaveLength(1);
    await press(pia, second.place, 'approve', options);
    expect((await outcomes(story, pia)).at(-1)).toMatch(new RegExp(`${second.id}.*approved`));
  });

  it('hears a repeated click once', async () => {
    await press(pat, first.place, 'approve');
    await quiet();
    await changesNothing(story, async () => {
      for (const how of ['copy', 'retry'] as const) expect((await story.slack.resend({ how })).outcome).toBe('acked');
    });
  });
});

describe('somebody else’s id', () => {
  it('typed after release, cancel or again is refused, and changes nothing', async () => {
    const { id, place } = await asks(ada);
    await quiet();
    const inVain = async () => {
      for (const user of [bob, pat]) {
        for (const verb of ['release', 'cancel', 'again'])
          expect(await story.gpu(user, `${verb} ${id}`)).toMatch(/belongs to somebody else/);
      }
    };
    await changesNothing(story, inVain, BUT_INBOX);
    await press(pat, place, 'approve');
    await story.sees(ada, story.slack.dm(ada), new RegExp(`Your container runs[\\s\\S]*${id}`));
    await quiet();
    await changesNothing(story, inVain, BUT_INBOX);
    expect(await story.gpu(ada, `release ${id}`)).toMatch(/is being stopped/);
  });
});

describe('somebody else’s button', () => {
  /** The owner's last click, made again by `user` with this value; its answer is seen by the owner. */
  async function again(user: string, value: string, { owner, channel }: { owner: string; channel: string }): Promise<string> {
    const body = clickBody(story, (payload) => {
      const actions = (payload['actions'] as object[]).map((action) => ({ ...action, value, action_ts: `1.${user}` }));
      return { ...payload, user: { id: user }, actions };
    });
    return answerTo(story, owner, channel, async () => expect((await sendSigned(story, { body })).status).toBe(200));
  }

  it('does nothing on a private answer, also for approvers and admins', async () => {
    await asks(ada);
    await settled();
    const shown = story.slack.messagesSeenBy(ada, CHANNEL).findLast(({ ephemeral, buttons }) => ephemeral && buttons.length > 0);
    const place = { channel: CHANNEL, ts: shown?.ts ?? '' };
    const value = shown?.buttons.find(({ actionId }) => actionId === 'cancel')?.value ?? '';
    expect(await click(ada, place, 'cancel', { tamper: { value: 'al-zzzzzzzz:1' } })).toMatch(/There is no/);
    const where = { owner: ada, channel: CHANNEL };
    await changesNothing(story, async () => {
      for (const user of [bob, pat, root]) expect(await again(user, value, where)).toMatch(/not the current card/);
    });
    expect(await again(ada, value, where)).toMatch(/is cancelled/);
  });

  it('does nothing in a direct message', async () => {
    const { id, place } = await asks(ada);
    await press(pat, place, 'approve');
    const dm = story.slack.dm(ada);
    const { ts } = await story.sees(ada, dm, new RegExp(`Your container runs[\\s\\S]*${id}`));
    const known = async () => (await story.ledger.reads.query.outbox.findMany()).some((row) => row.kind === 'member_card' && row.ts === ts);
    await story.until(known, 'the card’s place');
    expect(await click(ada, { channel: dm, ts }, 'release', { tamper: { value: `${id}:99` } })).toMatch(/^Too late/);
    const presses = async () => {
      for (const user of [bob, pat]) expect(await again(user, `${id}:4`, { owner: ada, channel: dm })).toMatch(/belongs to somebody else/);
    };
    await changesNothing(story, presses, BUT_INBOX);
  });
});
