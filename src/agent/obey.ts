// Whether a list may be obeyed: the wrong ledger, or the right one gone back, must not stop anybody's work. Pure.
import type { HostProblem } from '../domain/host-protocol.ts';
import { newState, type Offer, type State } from './memory.ts';

export type Offered = { readonly ledger: string; readonly revision: number };

export type Judgement =
  /** `state` is to be on disk before the list is acted on. */
  { readonly kind: 'obey'; readonly state: State } | { readonly kind: 'refuse'; readonly state: State; readonly offer: Offer };

/**
 * First contact adopts the ledger. A ledger once seen going back stays refused, even after its revisions have overtaken ours,
 * until it is accepted on the host; another ledger is refused until then or until ours returns.
 */
export function judge(state: State | null, offered: Offered): Judgement {
  if (state === null) return { kind: 'obey', state: newState(offered.ledger, offered.revision) };
  if (offered.ledger !== state.ledger) return refuse(state, offered, 'ledger_changed');
  if (offered.revision < state.revision || state.offer?.reason === 'revision_went_back')
    return refuse(state, offered, 'revision_went_back');
  return { kind: 'obey', state: { ...state, revision: offered.revision, offer: null } };
}

/** The state after the host's admin accepted `offer`: another ledger's fences and starts mean nothing to it. */
export function accept(state: State, offer: Offered): State {
  return offer.ledger === state.ledger ? { ...state, revision: offer.revision, offer: null } : newState(offer.ledger, offer.revision);
}

export function problemOf(state: State, offer: Offer, containersRunning: number): HostProblem {
  const left = `${containersRunning} container${containersRunning === 1 ? '' : 's'} left as they are; run "berth agent accept" on the host if this bot is the right one`;
  switch (offer.reason) {
    case 'ledger_changed':
      return {
        code: 'ledger_changed',
        detail: `The bot's ledger is ${offer.ledger}, this host obeys ${state.ledger}: ${left}`,
        blocking: true,
      };
    case 'revision_went_back':
      return {
        code: 'revision_went_back',
        detail: `The bot's list went back from revision ${state.revision} to ${offer.revision}: ${left}`,
        blocking: true,
      };
  }
}

function refuse(state: State, offered: Offered, reason: Offer['reason']): Judgement {
  const offer = { ledger: offered.ledger, revision: offered.revision, reason };
  return { kind: 'refuse', state: { ...state, offer }, offer };
}
