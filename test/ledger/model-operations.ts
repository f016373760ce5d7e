// What can happen, as fast-check draws it: mostly what makes sense at the moment, sometimes what does not.
import * as fc from 'fast-check';
import type { State } from '../../src/domain/lifecycle.ts';
import { people } from '../support/policy.ts';
import { endOfWeek, onHost, weekAt, type Model, type ModelAllocation, type Saying } from './model.ts';
import { firstRules, HOUR, hostNames, SILENT_AFTER, users, type Correction, type HostName, type Rules, type Word } from './model-rules.ts';

/** A word whose allocation is yet to be picked, from those there are when it is said. */
export type Draft =
  | Extract<Word, { verb: 'request' | 'adjust' }>
  /** `by` null: an approver who may. */
  | { readonly verb: 'approve' | 'deny'; readonly by: string | null; readonly pick: number; readonly stale: boolean }
  /** `by` null: its holder. */
  | { readonly verb: 'extend'; readonly by: string | null; readonly pick: number; readonly clicked: boolean; readonly hours: number }
  /** `by` null: its holder. `pick` null: the only one of mine. */
  | { readonly verb: 'cancel' | 'release'; readonly by: string | null; readonly pick: number | null };

export type JobName = 'expire' | 'lapse' | 'rollOver';

export type Operation =
  /** How a word arrives: as it should, twice, at both bots at once, or at one that dies before it performs it. */
  | { readonly kind: 'word'; readonly how: 'once' | 'twice' | 'twice at once' | 'crash'; readonly draft: Draft }
  | { readonly kind: 'two at once'; readonly drafts: readonly [Draft, Draft] }
  | { readonly kind: 'place'; readonly both: boolean; readonly heard: boolean }
  | {
      readonly kind: 'report';
      readonly host: HostName;
      readonly rolls: readonly number[];
      readonly flaw: 'none' | 'fence' | 'not told' | 'foreign';
    }
  | {
      readonly kind: 'clock';
      readonly by: { readonly seconds: number } | { readonly to: 'monday' | 'due'; readonly offset: number };
      /** The hosts that report afterwards, before the jobs or after: what runs, or also what was to start and to stop and now has. */
      readonly heard: readonly HostName[];
      readonly lively: boolean;
      readonly heardFirst: boolean;
      readonly jobs: readonly JobName[];
    }
  | { readonly kind: 'job'; readonly job: JobName; readonly both: boolean }
  | { readonly kind: 'policy'; readonly rules: Rules };

const pick = fc.nat({ max: 9999 });
const often = <T>(usual: T, ...others: T[]) => fc.constantFrom(usual, usual, usual, ...others);

const request = fc.record({
  verb: fc.constant('request' as const),
  by: fc.constantFrom(...users),
  pool: fc.constantFrom('l4' as const, 'a100' as const),
  gpus: fc.constantFrom(1, 1, 1, 2, 2, 3),
  hours: fc.constantFrom(1, 2, 5, 12, 20, 24, 48, 48, 72),
});
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
const anyWord: fc.Arbitrary<Draft> = fc.oneof(
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
});
/** Two of the same member, of two of a team, two answers to the same request, or whatever comes together. */
const pairs: fc.Arbitrary<readonly [Draft, Draft]> = fc.oneof(
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

const sometimes = (...values: readonly (number | null)[]) => fc.constantFrom(...values);
const rules: fc.Arbitrary<Rules> = fc
  .record({
    each: fc.record({
      gpus: fc.integer({ min: 1, max: 6 }),
      gpusPerRequest: fc.constantFrom(2, 3, 3),
      gpuHours: sometimes(null, 60, 150, 300),
    }),
    ofPat: fc.record({ gpus: sometimes(null, 0, 3, 5), gpuHours: sometimes(null, null, 100) }),
    team: fc.record({
      members: fc.constantFrom([people.ada, people.bob], [people.ada, people.bob], [people.bob, people.pia], [people.ada]),
      eachGpus: sometimes(null, null, 2, 5),
    }),
    total: fc.record({ gpus: sometimes(null, 3, 5, 7), gpuHours: sometimes(null, 100, 250, 500) }),
    rate: fc.constantFrom(1, 1.5, 0.25, 2),
    longest: fc.record({ l4: fc.constantFrom(12, 48, 96), a100: fc.constantFrom(24, 72, 96) }),
    approvers: often([people.pat, people.pia], [people.pat]),
  })
  .map((changed) => ({ ...firstRules, ...changed }));

const clock = fc.record({
  by: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 1200 }).map((seconds) => ({ seconds })), weight: 5 },
    { arbitrary: fc.integer({ min: 1, max: 60 }).map((hours) => ({ seconds: hours * HOUR + 17 })), weight: 2 },
    { arbitrary: fc.integer({ min: -1, max: 1 }).map((offset) => ({ to: 'due' as const, offset })), weight: 5 },
    { arbitrary: fc.integer({ min: 0, max: 7200 }).map((offset) => ({ to: 'monday' as const, offset })), weight: 2 },
  ),
  heard: fc.constantFrom<HostName[]>([...hostNames], [...hostNames], [...hostNames], [...hostNames], ['gpu-01'], ['gpu-02'], []),
  lively: often(true, false),
  heardFirst: fc.boolean(),
  jobs: fc.oneof(fc.constant([]), fc.shuffledSubarray<JobName>(['expire', 'lapse', 'rollOver'], { minLength: 3 })),
});

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('word' as const),
      how: fc.constantFrom('once', 'once', 'once', 'once', 'twice', 'twice at once', 'crash'),
      draft: anyWord,
    }),
    weight: 10,
  },
  { arbitrary: fc.record({ kind: fc.constant('two at once' as const), drafts: pairs }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('place' as const), both: fc.boolean(), heard: often(true, false) }), weight: 6 },
  {
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      host: fc.constantFrom(...hostNames),
      rolls: fc.array(fc.nat({ max: 99 }), { minLength: 5, maxLength: 5 }),
      flaw: fc.oneof(
        { arbitrary: fc.constant('none' as const), weight: 9 },
        { arbitrary: fc.constantFrom('fence' as const, 'not told' as const, 'foreign' as const), weight: 1 },
      ),
    }),
    weight: 11,
  },
  { arbitrary: clock.map((moved) => ({ kind: 'clock' as const, ...moved })), weight: 5 },
  {
    arbitrary: fc.record({
      kind: fc.constant('job' as const),
      job: fc.constantFrom<JobName[]>('expire', 'lapse', 'rollOver'),
      both: fc.boolean(),
    }),
    weight: 1,
  },
  { arbitrary: rules.map((changed) => ({ kind: 'policy' as const, rules: changed })), weight: 1 },
);

/** Names what a draft leaves open: nearly always an allocation that it can be about. */
export function wordOf(model: Model, draft: Draft): Word {
  if (draft.verb === 'request') return draft;
  if (draft.verb === 'adjust') {
    const { ask } = draft;
    return ask.kind === 'set' ? { ...draft, ask: { ...ask, until: model.now + ask.until * HOUR } } : draft;
  }
  if (draft.verb === 'approve' || draft.verb === 'deny') {
    const { verb, by } = draft;
    const one = pickFrom(model, draft.pick, ['requested']);
    const approver = model.rules.approvers.find((user) => user !== one?.holder) ?? people.pat;
    return { verb, by: by ?? approver, id: one?.id ?? 'al-none', version: (one?.version ?? 1) - (draft.stale ? 1 : 0) || 9 };
  }
  if (draft.verb === 'extend') {
    const one = pickFrom(model, draft.pick, ['active']);
    const { verb, by, clicked, hours } = draft;
    return { verb, by: by ?? one?.holder ?? people.ada, id: one?.id ?? 'al-none', version: clicked ? (one?.version ?? 1) : null, hours };
  }
  const { verb } = draft;
  if (draft.pick === null) return { verb, by: draft.by ?? people.ada, id: null };
  const one = pickFrom(model, draft.pick, verb === 'cancel' ? ['requested', 'queued'] : ['placed', 'active']);
  return { verb, by: draft.by ?? one?.holder ?? people.ada, id: one?.id ?? 'al-none' };
}

function pickFrom({ allocations }: Model, roll: number, states: readonly State[]): ModelAllocation | undefined {
  const likely = allocations.filter(({ state }) => states.includes(state));
  const from = roll % 8 === 0 || likely.length === 0 ? allocations : likely;
  return from[Math.floor(roll / 8) % Math.max(1, from.length)];
}

/** What a host says on which everything goes as it should; only of what runs unless `lively`. */
export function usualSayings({ allocations }: Model, host: HostName, lively: boolean): Saying[] {
  return allocations.flatMap((one) => {
    if (one.host !== host || !onHost(one.state) || (!lively && one.state !== 'active')) return [];
    return [{ id: one.id, says: one.state === 'retiring' ? 'stopped' : 'running' }];
  });
}

/** What the host says of what it was told to run, or of what it was not (`foreign`: another host's). */
export function sayingsOf(model: Model, { host, rolls, flaw }: Extract<Operation, { kind: 'report' }>): Saying[] {
  const told = model.allocations.filter((one) => onHost(one.state) && (one.host === host) !== (flaw === 'foreign'));
  return told.flatMap(({ id, state }, index) => {
    const says = saidOf(state, rolls[index % rolls.length] ?? 0);
    return says === null ? [] : [{ id, says }];
  });
}

function saidOf(state: State, roll: number): Saying['says'] | null {
  const usual = state === 'retiring' ? 'stopped' : 'running';
  if (roll < 60) return usual;
  if (roll < 75) return null;
  const others = ['failed', 'ended', 'stopped', 'running'] as const;
  return others[roll % others.length] ?? null;
}

/** Seconds that the clock moves, at least one. */
export function secondsOf(model: Model, by: Extract<Operation, { kind: 'clock' }>['by']): number {
  if ('seconds' in by) return by.seconds;
  const target = by.to === 'monday' ? endOfWeek(weekAt(model.now)) : nextDue(model);
  return Math.max(1, target + by.offset - model.now);
}

/** The next moment at which something happens by itself: an end, a deadline, a host that is silent for too long. */
function nextDue({ allocations, heard, now }: Model): number {
  const ends = allocations.flatMap(({ state, endsAt, lapsesAt, placedAt }) => {
    if (state === 'active') return [endsAt ?? now];
    if (state === 'placed') return [(placedAt ?? now) + 600];
    return state === 'requested' || state === 'queued' ? [lapsesAt] : [];
  });
  const due = [...ends, ...Object.values(heard).map((at) => at + SILENT_AFTER)].filter((at) => at > now);
  return due.length === 0 ? now + HOUR : Math.min(...due);
}
