// What can happen, as fast-check draws it: mostly what makes sense at the moment, sometimes what does not.
import * as fc from 'fast-check';
import type { State } from '../../src/domain/lifecycle.ts';
import { people } from '../support/policy.ts';
import { currentPeriod, lapsesAt, onHost, type Model, type Probe, type Saying } from './model.ts';
import { endOf } from './model-periods.ts';
import { anyWord, often, pairs, type Draft } from './model-drafts.ts';
import { firstRules, HOUR, hostNames, SILENT_AFTER, type HostName, type Rules } from './model-rules.ts';

export type JobName = 'expire' | 'lapse' | 'rollOver';

/** Of what happens at two bots at once. */
export type Side =
  | { readonly kind: 'word'; readonly draft: Draft }
  | { readonly kind: 'place' }
  | { readonly kind: 'report'; readonly host: HostName; readonly rolls: readonly number[]; readonly probe: Probe }
  | { readonly kind: 'job'; readonly job: JobName };

type ClockMove = { readonly seconds: number } | { readonly to: 'period' | 'due'; readonly offset: number };

export type Operation =
  /** How a word arrives: as it should, twice, at both bots at once, at one that dies before it performs it, or with all but the commit done. */
  | { readonly kind: 'word'; readonly how: 'once' | 'twice' | 'twice at once' | 'crash' | 'crash inside'; readonly draft: Draft }
  /** `after`: how the clock moves first, or null; both hosts are heard then. */
  | { readonly kind: 'at once'; readonly after: ClockMove | null; readonly sides: readonly [Side, Side] }
  | { readonly kind: 'place'; readonly both: boolean; readonly heard: boolean }
  | {
      readonly kind: 'report';
      readonly host: HostName;
      readonly rolls: readonly number[];
      readonly probe: Probe;
      readonly flaw: 'none' | 'fence' | 'not told' | 'foreign';
    }
  | {
      readonly kind: 'clock';
      readonly by: ClockMove;
      /** The hosts that report afterwards, before the jobs or after: what runs, or also what was to start and to stop and now has. */
      readonly heard: readonly HostName[];
      readonly lively: boolean;
      readonly heardFirst: boolean;
      readonly jobs: readonly JobName[];
    }
  | { readonly kind: 'job'; readonly job: JobName; readonly both: boolean }
  | { readonly kind: 'policy'; readonly rules: Rules };

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
    period: often<'week' | 'month'>('week', 'month'),
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
    { arbitrary: fc.integer({ min: 0, max: 7200 }).map((offset) => ({ to: 'period' as const, offset })), weight: 2 },
  ),
  heard: fc.constantFrom<HostName[]>([...hostNames], [...hostNames], [...hostNames], [...hostNames], ['gpu-01'], ['gpu-02'], []),
  lively: often(true, false),
  heardFirst: fc.boolean(),
  jobs: fc.oneof(fc.constant([]), fc.shuffledSubarray<JobName>(['expire', 'lapse', 'rollOver'], { minLength: 3 })),
});

const rolls = fc.array(fc.nat({ max: 99 }), { minLength: 5, maxLength: 5 });
const word = anyWord.map((draft) => ({ kind: 'word' as const, draft }));
const placing = fc.constant({ kind: 'place' as const });
/** Mostly nobody else is on any device. */
const probe = fc.oneof(
  { arbitrary: fc.constant('clear' as const), weight: 16 },
  { arbitrary: fc.constantFrom<Probe[]>('failed', 0, 1, 2, 3), weight: 4 },
);
const reporting = fc.record({ kind: fc.constant('report' as const), host: fc.constantFrom(...hostNames), rolls, probe });
const now = fc.constant(null);
/** Each with a job has it where there is something for it to do. */
const atOnce: fc.Arbitrary<Pick<Extract<Operation, { kind: 'at once' }>, 'after' | 'sides'>> = fc.oneof(
  { arbitrary: fc.record({ after: now, sides: pairs.map(([one, two]) => [toSide(one), toSide(two)] as const) }), weight: 5 },
  { arbitrary: fc.record({ after: now, sides: fc.tuple(word, placing) }), weight: 2 },
  { arbitrary: fc.record({ after: now, sides: fc.tuple(word, reporting) }), weight: 2 },
  { arbitrary: fc.record({ after: now, sides: fc.tuple(placing, reporting) }), weight: 1 },
  {
    arbitrary: fc.record({
      after: fc.constantFrom({ to: 'period' as const, offset: 0 }, { to: 'period' as const, offset: 40 }),
      sides: fc.tuple(word, fc.constant({ kind: 'job' as const, job: 'rollOver' as const })),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      after: fc.constant({ to: 'due' as const, offset: 0 }),
      sides: fc.tuple(
        word,
        fc.constantFrom<JobName>('expire', 'lapse').map((job) => ({ kind: 'job' as const, job })),
      ),
    }),
    weight: 1,
  },
);

function toSide(draft: Draft): Side {
  return { kind: 'word', draft };
}

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('word' as const),
      // The longest last: a connection that was cut off has to prepare its statements anew.
      how: fc.oneof(
        { arbitrary: fc.constant('once' as const), weight: 12 },
        { arbitrary: fc.constantFrom('twice' as const, 'twice at once' as const, 'crash' as const), weight: 7 },
        { arbitrary: fc.constant('crash inside' as const), weight: 1 },
      ),
      draft: anyWord,
    }),
    weight: 10,
  },
  { arbitrary: atOnce.map((both) => ({ kind: 'at once' as const, ...both })), weight: 5 },
  { arbitrary: fc.record({ kind: fc.constant('place' as const), both: fc.boolean(), heard: often(true, false) }), weight: 6 },
  {
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      host: fc.constantFrom(...hostNames),
      rolls,
      probe,
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

/** What a host says on which everything goes as it should; only of what runs unless `lively`. */
export function usualSayings({ allocations }: Model, host: HostName, lively: boolean): Saying[] {
  return allocations.flatMap((one) => {
    if (one.host !== host || !onHost(one.state) || (!lively && one.state !== 'active')) return [];
    return [{ id: one.id, says: one.state === 'retiring' ? 'stopped' : 'running' }];
  });
}

/** What the host says of what it was told to run, or of what it was not (`foreign`: another host's). */
export function sayingsOf(model: Model, host: HostName, rolls: readonly number[], foreign = false): Saying[] {
  const told = model.allocations.filter((one) => onHost(one.state) && (one.host === host) !== foreign);
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
export function secondsOf(model: Model, by: ClockMove): number {
  if ('seconds' in by) return by.seconds;
  const target = by.to === 'period' ? endOf(currentPeriod(model)) : nextDue(model);
  return Math.max(1, target + by.offset - model.now);
}

/** The next moment at which something happens by itself: an end, a deadline, a host that is silent for too long. */
function nextDue({ allocations, heard, now }: Model): number {
  const ends = allocations.flatMap((one) => {
    const { state, endsAt, placedAt } = one;
    if (state === 'active') return [endsAt ?? now];
    if (state === 'placed') return [(placedAt ?? now) + 600];
    return state === 'requested' || state === 'queued' ? [lapsesAt(one)] : [];
  });
  const due = [...ends, ...Object.values(heard).map((at) => at + SILENT_AFTER)].filter((at) => at > now);
  return due.length === 0 ? now + HOUR : Math.min(...due);
}
