// An allocation, a question about it and what answering would do, as views are handed them; and what every message has to be.
import { expect } from 'vitest';
import type { AllocationView } from '../../src/domain/allocation-view.ts';
import type { ApprovalView, Consequences } from '../../src/domain/approval-view.ts';
import type { ApprovalState } from '../../src/domain/approvals.ts';
import { isLegal, type Event, type State } from '../../src/domain/lifecycle.ts';
import { moment } from '../../src/domain/time.ts';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import { buttonsOf } from '../../src/local/slack/block-reading.ts';
import { readButtonValue } from '../../src/slack/ids.ts';
import type { Message } from '../../src/slack/views/blocks.ts';

export const at = moment(Date.parse('2026-03-02T09:00:00Z'));
export const later = moment(Date.parse('2026-03-02T15:00:00Z'));

/** A question that ada asks and pat answers. */
export function question(state: ApprovalState, change: Partial<ApprovalView> = {}): ApprovalView {
  const decided = state === 'approved' || state === 'denied';
  const kind = state === 'denied' ? 'deny' : 'approve';
  return {
    id: 5,
    kind: 'new',
    state,
    askedAt: at,
    lapsesAt: later,
    closedAt: state === 'open' ? null : at,
    lapseSkips: false,
    extendSeconds: null,
    asked: ['U0PAT0001', 'U0PIA0001'],
    dues: state === 'open' ? [{ kind: 'escalate', at: later, names: ['U0PROF001', 'S0PROFS01'] }] : [],
    paused: false,
    votes: decided ? [{ user: 'U0PAT0001', kind, at, onBehalfOf: null, words: null, answer: null }] : [],
    consequences: state === 'open' ? consequences() : null,
    ...change,
  };
}

export function consequences(change: Partial<Consequences> = {}): Consequences {
  return {
    start: { at, now: true, host: 'gpu-01', gpus: [0, 1] },
    ahead: 0,
    end: null,
    delays: [],
    gpus: { before: 0, after: 2000, limit: 4000 },
    budget: { before: 43_200_000, after: 86_400_000, limit: 360_000_000 },
    free: { before: 3, after: 1, total: 8 },
    record: { granted: 100_000, used: 62_000, containers: 12 },
    cheaper: { pool: 'l4', memoryGib: 24, costMilli: 300 },
    ...change,
  };
}

export function view(state: State, change: Partial<AllocationView> = {}): AllocationView {
  const onHost = !['requested', 'queued', 'denied', 'lapsed', 'cancelled'].includes(state);
  return {
    id: 'al-7k3q9xwd',
    version: 3,
    state,
    holder: { user: 'U0ADA0001', zone: 'Europe/Berlin', unixId: 200_000 },
    pool: 'a100',
    devices: 2,
    image: 'pytorch',
    purpose: 'fine-tune',
    durationSeconds: 21_600,
    until: null,
    requestedAt: at,
    lapsesAt: later,
    leaseEndsAt: onHost && state !== 'placed' ? later : null,
    extensionSeconds: 4 * 3600,
    host: onHost ? 'gpu-01' : null,
    simulated: { engine: false, gpus: false },
    leased: onHost ? [0, 1].map((index) => ({ uuid: `GPU-${index}`, index, model: 'A100' })) : [],
    containerName: state === 'active' ? 'berth-al-7k3q9xwd' : null,
    changedBy: 'member:U0PAT0001',
    changedAt: at,
    reason: state === 'failed' ? 'image_missing' : state === 'retired' || state === 'retiring' ? 'lease_ended' : null,
    history: state === 'requested' ? [] : [{ event: 'approve', at, actor: 'member:U0PAT0001', reason: null }],
    usedMilli: 2000,
    limitMilli: 4000,
    poolDevices: { free: 2, total: 8 },
    ahead: 1,
    startsAt: later,
    approval: question(state === 'requested' ? 'open' : state === 'denied' ? 'denied' : state === 'lapsed' ? 'lapsed' : 'approved'),
    asked: null,
    ...change,
  };
}

const eventOf: Record<string, Event> = {
  approve: 'approve',
  approve_less: 'approve',
  ask: 'approve',
  deny: 'deny',
  cancel: 'cancel',
  extend: 'extend',
  release: 'retire',
};

/** Slack takes it, its text stands alone, and its buttons are legal moves. */
export function expectRight(message: Message, state: State | null): void {
  expect(checkBlocks(message.blocks)).toEqual([]);
  expect(message.text.length).toBeGreaterThan(10);
  expect(message.text).not.toMatch(/undefined|null|NaN|\[object/);
  expect(JSON.stringify(message.blocks)).not.toMatch(/undefined|NaN|\[object/);
  for (const button of buttonsOf(message.blocks as unknown as Parameters<typeof buttonsOf>[0])) {
    const event = eventOf[button.actionId];
    expect(event !== undefined && (state === null || isLegal(event, state))).toBe(true);
    expect(readButtonValue(button.value ?? '')).toEqual({ id: 'al-7k3q9xwd', version: 3 });
  }
}
