// Which lists are obeyed: a ledger that changed or went back is not, until the host's admin says so.
import { expect, it } from 'vitest';
import { newState, type State } from '../../src/agent/memory.ts';
import { accept, judge, problemOf } from '../../src/agent/obey.ts';

const OURS = '6e0f1d6e-8f57-4a33-9b52-0c8a54f6f9a1';
const OTHER = '0b7a5c3e-2d41-4f86-8a90-6c1d2e3f4a5b';
const state: State = { ...newState(OURS, 50), fences: { 'GPU-x': 9 }, started: { 'al-aaaaaa': 9 } };

it('first contact adopts the ledger', () => {
  expect(judge(null, { ledger: OURS, revision: 3 })).toEqual({ kind: 'obey', state: newState(OURS, 3) });
});

it('the same revision is obeyed again, after a restart of the agent, and a higher one', () => {
  expect(judge(state, { ledger: OURS, revision: 50 }).kind).toBe('obey');
  expect(judge(state, { ledger: OURS, revision: 51 }).state.revision).toBe(51);
});

it('another ledger is refused, even with a higher revision, and forgotten when ours returns', () => {
  const refused = judge(state, { ledger: OTHER, revision: 99 });
  expect(refused).toMatchObject({ kind: 'refuse', offer: { reason: 'ledger_changed' }, state: { ledger: OURS, revision: 50 } });
  expect(judge(refused.state, { ledger: OURS, revision: 50 })).toEqual({ kind: 'obey', state });
});

it('a lower revision is refused, and stays refused when it has grown past ours', () => {
  const back = judge(state, { ledger: OURS, revision: 20 });
  expect(back).toMatchObject({ kind: 'refuse', offer: { reason: 'revision_went_back', revision: 20 } });
  expect(judge(back.state, { ledger: OURS, revision: 51 })).toMatchObject({ kind: 'refuse', state: { revision: 50 } });
});

it('accepting obeys from the offered revision on; fences of another ledger are forgotten, our own kept', () => {
  const back = judge(state, { ledger: OURS, revision: 20 }).state;
  expect(judge(accept(back, { ledger: OURS, revision: 20 }), { ledger: OURS, revision: 21 })).toMatchObject({
    kind: 'obey',
    state: { fences: { 'GPU-x': 9 }, offer: null },
  });
  expect(accept(state, { ledger: OTHER, revision: 2 })).toEqual(newState(OTHER, 2));
});

it('the alarm says what happened, how many containers it is about, and what to do', () => {
  const offer = { ledger: OURS, revision: 20, reason: 'revision_went_back' as const };
  expect(problemOf(state, offer, 1)).toEqual({
    code: 'revision_went_back',
    detail:
      'The bot\'s list went back from revision 50 to 20: 1 container left as they are; run "berth agent accept" on the host if this bot is the right one',
    blocking: true,
  });
});
