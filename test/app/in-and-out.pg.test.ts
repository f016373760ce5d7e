// The inbox performs each delivery once and answers it; the outbox shows each card and message, whatever Slack does meanwhile.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve } from '../../src/app/answer-request.ts';
import { backOffSeconds, deliver } from '../../src/app/deliver.ts';
import { locateClick } from '../../src/app/locate-click.ts';
import { perform } from '../../src/app/perform.ts';
import { rerunInbox } from '../../src/app/rerun-inbox.ts';
import { request } from '../../src/app/request.ts';
import { answered, takeDelivery } from '../../src/app/take-delivery.ts';
import { decide } from '../../src/ledger/decide.ts';
import { post } from '../../src/ledger/outbox.ts';
import { memberAccount } from '../../src/domain/accounts.ts';
import { askFor, TEAM, testApp, testHost, type TestApp } from '../support/app.ts';
import { CHANNEL, people, testPolicy } from '../support/policy.ts';

let berth: TestApp;
beforeEach(async () => {
  berth = await testApp();
  await testHost(berth.app, 'gpu-01', 4);
});
afterEach(async () => berth.end());

const count = async (table: 'allocations' | 'inbox' | 'events') => {
  const [row] = await berth.app.ledger.reads.execute<{ n: number }>(sql.raw(`select count(*)::int as n from ${table}`));
  return row?.n;
};
const delivery = (key: string) => ({ key, verb: 'request' as const, team: TEAM, user: people.ada, ask: askFor() });
const kinds = () => berth.shown.map(({ letter, recipient }) => `${letter.kind} → ${recipient}`);

describe('the inbox', () => {
  it('takes a delivery once, however often it comes', async () => {
    expect(await takeDelivery(berth.app, delivery('k1'))).toBe(true);
    expect(await takeDelivery(await berth.another(), delivery('k1'))).toBe(false);
    expect(await count('inbox')).toBe(1);
  });

  it('performs once when two processes perform the same delivery', async () => {
    await takeDelivery(berth.app, delivery('k1'));
    const other = await berth.another();
    const call = await berth.call(people.ada, 'k1');
    const both = await Promise.all([perform(berth.app, call, 'request', askFor()), perform(other, call, 'request', askFor())]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['elsewhere', 'performed']);
    expect(await count('allocations')).toBe(1);
  });

  it('performs after 30 s what a dead process had noted down, and answers by direct message', async () => {
    await takeDelivery(berth.app, delivery('k1'));
    expect(await rerunInbox(berth.app)).toBe(0);
    berth.app.clock.move(30);
    expect(await rerunInbox(berth.app)).toBe(1);
    expect(await rerunInbox(berth.app)).toBe(0);
    expect(await count('allocations')).toBe(1);
    await deliver(berth.app);
    expect(kinds().toSorted()).toEqual([`approval_card → ${CHANNEL}`, `inbox_answer → ${people.ada}`]);
  });

  it('answers what was performed but never answered, without performing it again', async () => {
    await takeDelivery(berth.app, delivery('k1'));
    await perform(berth.app, await berth.call(people.ada, 'k1'), 'request', askFor());
    berth.app.clock.move(30);
    expect(await rerunInbox(berth.app)).toBe(1);
    expect(await count('allocations')).toBe(1);
    await deliver(berth.app);
    expect(kinds()).toContain(`inbox_answer → ${people.ada}`);
  });

  it('says nothing more once the asker has been answered', async () => {
    await takeDelivery(berth.app, delivery('k1'));
    await perform(berth.app, await berth.call(people.ada, 'k1'), 'request', askFor());
    await answered(berth.app, 'k1');
    berth.app.clock.move(3600);
    expect(await rerunInbox(berth.app)).toBe(0);
  });

  it('keeps a delivery that met a busy ledger, and performs it later', async () => {
    await takeDelivery(berth.app, delivery('k1'));
    const call = await berth.call(people.ada, 'k1');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const other = await berth.another();
    const started = new Promise<void>((begun) => {
      void decide(other.ledger, { accounts: [memberAccount(call.actor.id)], pools: [] }, async () => {
        begun();
        await held;
      });
    });
    await started;
    expect(await perform(berth.app, call, 'request', askFor())).toEqual({ kind: 'postponed' });
    release();
    berth.app.clock.move(30);
    expect(await rerunInbox(berth.app)).toBe(1);
    expect(await count('allocations')).toBe(1);
  });

  it('keeps the ask only until it is done', async () => {
    await takeDelivery(berth.app, delivery('k1'));
    await perform(berth.app, await berth.call(people.ada, 'k1'), 'request', askFor());
    const [row] = await berth.app.ledger.reads.execute<{ ask: unknown; outcome: unknown }>(sql`select ask, outcome from inbox`);
    expect(row).toMatchObject({ ask: null, outcome: { kind: 'requested' } });
  });
});

describe('a pool that nobody can approve', () => {
  it('refuses, holds nothing, and tells each admin once', async () => {
    await berth.end();
    berth = await testApp({ policy: testPolicy({ approvers: [] }) });
    await testHost(berth.app, 'gpu-01', 4);
    await takeDelivery(berth.app, delivery('k1'));
    const performed = await perform(berth.app, await berth.call(people.ada, 'k1'), 'request', askFor());
    expect(performed).toMatchObject({ outcome: { kind: 'refused', refusal: { code: 'no_approver', pool: 'a100' } } });
    expect(await count('allocations')).toBe(0);
    await deliver(berth.app);
    expect(kinds()).toEqual([`no_approver_for_admin → ${people.root}`]);
  });
});

describe('a click', () => {
  const click = async (id: string, ts: string, channel: string = CHANNEL) =>
    locateClick(berth.app, (await berth.call(people.pat)).actor, { whose: 'approver', id, place: { channel, ts } });
  const outdated = (id: string) => ({ refusal: { code: 'outdated_card', id } });

  it('counts on a card that Slack shows before its place is recorded, and afterwards only there', async () => {
    const outcome = await request(berth.app, await berth.call(people.ada), askFor());
    const id = outcome.kind === 'refused' ? '' : outcome.id;
    await expect(click(id, '1.0')).resolves.toBeUndefined();
    await expect(click(id, '1.0', 'C0ELSEWHERE')).rejects.toMatchObject(outdated(id));
    await deliver(berth.app);
    await expect(click(id, '1.0')).rejects.toMatchObject(outdated(id));
    await expect(click(id, '1.0', `D-${CHANNEL}`)).resolves.toBeUndefined();
    // Deleted and not posted anew yet: it stands nowhere.
    await approve(berth.app, await berth.call(people.pat), { id, version: 1 });
    berth.slackSays.push({ kind: 'message_gone' }, { kind: 'rate_limited', retryAfterSeconds: 60 });
    await deliver(berth.app);
    await expect(click(id, '9.0')).rejects.toMatchObject(outdated(id));
  });
});

describe('the outbox', () => {
  const asked = async () => {
    const outcome = await request(berth.app, await berth.call(people.ada), askFor());
    return outcome.kind === 'refused' ? '' : outcome.id;
  };

  it('shows a card, and edits the same message when its allocation changes', async () => {
    const id = await asked();
    expect(await deliver(berth.app)).toBe(1);
    await approve(berth.app, await berth.call(people.pat), { id, version: 1 });
    // The card, and what became of it in its thread.
    expect(await deliver(berth.app)).toBe(2);
    expect(await deliver(berth.app)).toBe(0);
    const states = berth.shown.flatMap(({ letter }) => (letter.kind === 'approval_card' ? [letter.allocation.state] : []));
    expect(states).toEqual(['requested', 'queued']);
    const rows = await berth.app.ledger.reads.execute<{ ts: string; shown: number; wanted: number }>(
      sql`select ts, shown, wanted from outbox where kind = 'approval_card'`,
    );
    expect(rows).toEqual([{ ts: '1.0', shown: 2, wanted: 2 }]);
  });

  it('backs off while Slack fails, and the ledger goes on', async () => {
    await asked();
    berth.slackSays.push(
      { kind: 'failed', error: 'fatal_error', hopeless: false },
      { kind: 'failed', error: 'fatal_error', hopeless: false },
    );
    expect(await deliver(berth.app)).toBe(0);
    expect(await deliver(berth.app)).toBe(0);
    expect(berth.shown).toHaveLength(1);
    berth.app.clock.move(backOffSeconds(0));
    expect(await deliver(berth.app)).toBe(0);
    expect(berth.shown).toHaveLength(2);
    berth.app.clock.move(backOffSeconds(1));
    expect(await deliver(berth.app)).toBe(1);
  });

  it('waits as long as Slack says when there is too much', async () => {
    await asked();
    berth.slackSays.push({ kind: 'rate_limited', retryAfterSeconds: 17 });
    await deliver(berth.app);
    berth.app.clock.move(16);
    expect(await deliver(berth.app)).toBe(0);
    berth.app.clock.move(1);
    expect(await deliver(berth.app)).toBe(1);
  });

  it('posts a card anew when somebody has deleted it', async () => {
    const id = await asked();
    await deliver(berth.app);
    await approve(berth.app, await berth.call(people.pat), { id, version: 1 });
    berth.slackSays.push({ kind: 'message_gone' });
    await deliver(berth.app);
    const where = async () => {
      const [row] = await berth.app.ledger.reads.execute<{ ts: string }>(sql`select ts from outbox where kind = 'approval_card'`);
      return row?.ts;
    };
    expect(await where()).toBe('3.0');
    // What became of it comes into the thread of the new one.
    berth.app.clock.move(1);
    await deliver(berth.app);
    expect(berth.shown.map(({ letter }) => letter.kind)).toEqual(['approval_card', 'approval_card', 'approval_card', 'card_note']);
  });

  it('gives up on a message that can never be right', async () => {
    await asked();
    berth.slackSays.push({ kind: 'failed', error: 'invalid_blocks', hopeless: true });
    await deliver(berth.app);
    berth.app.clock.move(10 * 86_400);
    expect(await deliver(berth.app)).toBe(0);
  });

  it('sends again what a deliverer that died had claimed', async () => {
    await asked();
    await berth.app.ledger.reads.execute(
      sql`update outbox set claimed_until = ${new Date(berth.app.clock.now().getTime() + 60_000).toISOString()}`,
    );
    expect(await deliver(berth.app)).toBe(0);
    berth.app.clock.move(60);
    expect(await deliver(berth.app)).toBe(1);
  });

  it('goes on with the next message when one cannot be drawn, and comes back to that one', async () => {
    await asked();
    const { reads } = berth.app.ledger;
    const facts = { requester: people.ada, pool: 'a100' };
    const letter = { key: 'no_approver:1', kind: 'no_approver_for_admin', allocationId: null, recipient: people.root, facts } as const;
    await post(reads, letter, berth.app.clock.now());
    await reads.execute(sql`alter table events rename to events_away`);
    expect(await deliver(berth.app)).toBe(1);
    await reads.execute(sql`alter table events_away rename to events`);
    expect(await deliver(berth.app)).toBe(0);
    berth.app.clock.move(backOffSeconds(0));
    expect(await deliver(berth.app)).toBe(1);
    expect(berth.shown.map(({ letter: { kind } }) => kind)).toEqual(['no_approver_for_admin', 'approval_card']);
  });

  it('keeps to the time that Slack has asked for when the allocation changes meanwhile', async () => {
    const id = await asked();
    berth.slackSays.push({ kind: 'rate_limited', retryAfterSeconds: 17 });
    await deliver(berth.app);
    await approve(berth.app, await berth.call(people.pat), { id, version: 1 });
    berth.app.clock.move(16);
    expect(await deliver(berth.app)).toBe(0);
    berth.app.clock.move(1);
    // The card, and what became of it in its thread.
    expect(await deliver(berth.app)).toBe(2);
  });

  it('lets two processes deliver without showing anything twice', async () => {
    for (let index = 0; index < 2; index++) await asked();
    const other = await berth.another();
    await Promise.all([deliver(berth.app), deliver(other), deliver(berth.app), deliver(other)]);
    expect(berth.shown).toHaveLength(2);
  });

  it('doubles its back-off up to five minutes', () => {
    expect([0, 1, 2, 3, 8, 9, 50].map(backOffSeconds)).toEqual([1, 2, 4, 8, 256, 300, 300]);
  });
});
