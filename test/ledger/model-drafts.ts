// What people may say, as fast-check draws it: mostly what makes sense at the moment, sometimes what does not.
import * as fc from 'fast-check';
import type { State } from '../../src/domain/lifecycle.ts';
import { people } from '../support/policy.ts';
import type { Model, ModelAllocation } from './model.ts';
import { HOUR, users, type Correction, type PoolName, type Word } from './model-rules.ts';

/** A word whose allocation is yet to be picked, from those there are when it is said. */
export type Draft =
  | Extract<Word, { verb: 'adjust' }>
  /** `fixed`: until when, instead of for how long; past: until a moment ago. */
  | (Omit<Extract<Word, { verb: 'request' }>, 'until'> & { readonly fixed: 'no' | 'yes' | 'past' })
  /** `by` null: an approver who may. */
  | { readonly verb: 'approve' | 'deny'; readonly by: string | null; readonly pick: number; readonly stale: boolean }
  /** `by` null: its holder. `fixed`: until when, from two hours before its end on. */
  | {
      readonly verb: 'extend';
      readonly by: string | null;
      readonly pick: number;
      readonly clicked: boolean;
      readonly hours: number;
      readonly fixed: boolean;
    }
  /** `by` null: its holder. `pick` null: the only one of mine. */
  | { readonly verb: 'cancel' | 'release'; readonly by: string | null; readonly pick: number | null };

const pick = fc.nat({ max: 9999 });
export const often = <T>(usual: T, ...others: T[]) => fc.constantFrom(usual, usual, usual, ...others);

const asking = fc.record({
  verb: fc.constant('request' as const),
  by: fc.constantFrom(...users),
  pool: fc.constantFrom<PoolName[]>('l4', 'l4', 'l4', 'a100', 'a100', 'a100', 'slice', 'cpu'),
  gpus: fc.constantFrom(1, 1, 1, 2, 2, 3),
  hours: fc.constantFrom(1, 2, 5, 12, 20, 24, 48, 48, 72),
  fixed: fc.constantFrom<('no' | 'yes' | 'past')[]>('no', 'no', 'no', 'no', 'no', 'no', 'no', 'no', 'yes', 'yes', 'yes', 'past'),
});
const request = asking.map((one) => (one.pool === 'cpu' ? { ...one, gpus: 0 } : one));
const answer = fc.record({
  verb: often<'approve' | 'deny'>('approve', 'approve', 'deny'),
  by: fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, { arbitrary: fc.constantFrom(...users), weight: 1 }),
  pick,
  stale: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
});
const withdrawal = fc.record({
  verb: often<'cancel' | 'release'>('release', 'cancel'),
  by: fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, { arbitrary: fc.constantFrom(...users), weight: 1 }),
  pick,
});
const extension = fc.record({
  verb: fc.constant('extend' as const),
  by: fc.oneof({ arbitrary: fc.constant(null), weight: 8 }, { arbitrary: fc.constantFrom(...users), weight: 1 }),
  pick,
  clicked: fc.boolean(),
  hours: fc.constantFrom(1, 2, 4, 12),
  fixed: often(false, true),
});
const onlyOne = fc.record({
  verb: fc.constantFrom('cancel' as const, 'release' as const),
  by: fc.constantFrom(...users),
  pick: fc.constant(null),
});

const limits = fc.oneof(
  fc.record({ limit: fc.constant('gpus' as const), value: fc.integer({ min: 0, max: 6 }).map((gpus) => gpus * 1000) }),
  fc.record({ limit: fc.constant('gpusPerRequest' as const), value: fc.integer({ min: 1, max: 3 }).map((gpus) => gpus * 1000) }),
  fc.record({ limit: fc.constant('gpuHours' as const), value: fc.integer({ min: 0, max: 400 }).map((hours) => hours * HOUR * 1000) }),
  fc.record({ limit: fc.constant('maxDuration' as const), value: fc.constantFrom(2 * HOUR, 24 * HOUR, 96 * HOUR) }),
);
/** `until` in hours from when it is said. */
const correction: fc.Arbitrary<Correction> = fc.constantFrom(...users).chain((user) =>
  fc.oneof(
    fc.tuple(limits, fc.constantFrom(1, 30, 100, Infinity)).map(([limit, until]) => ({ kind: 'set' as const, user, ...limit, until })),
    limits.map(({ limit }) => ({ kind: 'revoke' as const, user, limit })),
    fc.constantFrom(-20, 10, 60).map((hours) => ({ kind: 'grant' as const, user, milliSeconds: hours * HOUR * 1000 })),
  ),
);
const adjustment = fc.record({ verb: fc.constant('adjust' as const), by: often(people.root, people.ada), ask: correction });

const asked = fc.oneof({ arbitrary: request, weight: 6 }, { arbitrary: answer, weight: 4 }, { arbitrary: withdrawal, weight: 3 });
export const anyWord: fc.Arbitrary<Draft> = fc.oneof(
  { arbitrary: asked, weight: 12 },
  { arbitrary: onlyOne, weight: 1 },
  { arbitrary: extension, weight: 2 },
  { arbitrary: adjustment, weight: 2 },
);
/** So much that two of it are mostly too much. */
const eager = fc.record({
  verb: fc.constant('request' as const),
  by: fc.constantFrom(...users),
  pool: fc.constant('a100' as const),
  gpus: fc.constantFrom(1, 2, 3, 3),
  hours: fc.constantFrom(1, 2, 5),
  fixed: fc.constant('no' as const),
});
/** Two of the same member, of two of a team, two answers to the same request, or whatever comes together. */
export const pairs: fc.Arbitrary<readonly [Draft, Draft]> = fc.oneof(
  { arbitrary: eager.map((one) => [one, one] as const), weight: 4 },
  {
    arbitrary: fc.tuple(eager, eager).map(
      ([one, two]) =>
        [
          { ...one, by: people.ada },
          { ...two, by: people.bob },
        ] as const,
    ),
    weight: 2,
  },
  {
    arbitrary: fc.tuple(answer, answer, pick).map(
      ([one, two, same]) =>
        [
          { ...one, pick: same },
          { ...two, pick: same },
        ] as const,
    ),
    weight: 1,
  },
  // Two clicks on one card, or a longer lease and a release at once.
  {
    arbitrary: extension.map(
      (one) =>
        [
          { ...one, clicked: true },
          { ...one, clicked: true },
        ] as const,
    ),
    weight: 1,
  },
  {
    arbitrary: fc.tuple(extension, withdrawal).map(([one, two]) => [one, { ...two, verb: 'release' as const, pick: one.pick }] as const),
    weight: 1,
  },
  { arbitrary: fc.tuple(asked, asked), weight: 2 },
);

/** Names what a draft leaves open: nearly always an allocation that it can be about. Where there is none, something is asked for instead. */
export function wordOf(model: Model, draft: Draft): Word {
  if ('pick' in draft && draft.pick !== null && draft.pick % 8 !== 0) {
    const states = likelyStates[draft.verb];
    if (!model.allocations.some(({ state }) => states.includes(state))) return insteadOf(draft.pick);
  }
  if (draft.verb === 'request') {
    const { fixed, ...asked } = draft;
    return { ...asked, until: { no: null, yes: model.now + draft.hours * HOUR, past: model.now - 60 }[fixed] };
  }
  if (draft.verb === 'adjust') {
    const { ask } = draft;
    return ask.kind === 'set' ? { ...draft, ask: { ...ask, until: model.now + ask.until * HOUR } } : draft;
  }
  if (draft.verb === 'approve' || draft.verb === 'deny') {
    const { verb, by } = draft;
    const asking = model.allocations.filter((one) => one.asking !== null);
    const one = draft.pick % 3 === 1 && asking.length > 0 ? asking[0] : pickFrom(model, draft.pick, likelyStates[draft.verb]);
    const approver = model.rules.approvers.find((user) => user !== one?.holder) ?? people.pat;
    return { verb, by: by ?? approver, id: one?.id ?? 'al-none', version: (one?.version ?? 1) - (draft.stale ? 1 : 0) || 9 };
  }
  if (draft.verb === 'extend') {
    const one = pickFrom(model, draft.pick, likelyStates[draft.verb]);
    const { verb, by, clicked, hours, fixed } = draft;
    const until = fixed ? (one?.endsAt ?? model.now) + (hours - 2) * HOUR : null;
    return {
      verb,
      by: by ?? one?.holder ?? people.ada,
      id: one?.id ?? 'al-none',
      version: clicked ? (one?.version ?? 1) : null,
      hours,
      until,
    };
  }
  const { verb } = draft;
  if (draft.pick === null) return { verb, by: draft.by ?? people.ada, id: null };
  const one = pickFrom(model, draft.pick, likelyStates[verb]);
  return { verb, by: draft.by ?? one?.holder ?? people.ada, id: one?.id ?? 'al-none' };
}

const likelyStates: Record<Exclude<Draft['verb'], 'request' | 'adjust'>, readonly State[]> = {
  approve: ['requested'],
  deny: ['requested'],
  extend: ['active'],
  cancel: ['requested', 'queued'],
  release: ['placed', 'active'],
};

function insteadOf(roll: number): Word {
  const by = users[roll % users.length] ?? people.ada;
  return {
    verb: 'request',
    by,
    pool: roll % 2 === 0 ? 'l4' : 'a100',
    gpus: 1 + (roll % 3 === 0 ? 1 : 0),
    hours: 4 + (roll % 7),
    until: null,
  };
}

function pickFrom({ allocations }: Model, roll: number, states: readonly State[]): ModelAllocation | undefined {
  const likely = allocations.filter(({ state }) => states.includes(state));
  const from = roll % 8 === 0 || likely.length === 0 ? allocations : likely;
  return from[Math.floor(roll / 8) % Math.max(1, from.length)];
}
