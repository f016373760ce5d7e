// What people's words change in the model, and every reason for which they are refused.
import type { State } from '../../src/domain/lifecycle.ts';
import {
  counts,
  currentPeriod,
  memberAccount,
  mayUse,
  move,
  onHost,
  rollOver,
  teamAccount,
  useOf,
  copyOf,
  waits,
  type Model,
  type ModelAllocation,
} from './model.ts';
import { periodAt } from './model-periods.ts';
import { headWaitsLonger, queueOf } from './model-placement.ts';
import {
  BIGGEST_HOST,
  CPU_CONTAINERS,
  DEVICE_MILLI,
  HOUR,
  limitOf,
  pools,
  teamLimitOf,
  teamOf,
  type Override,
  type Word,
} from './model-rules.ts';

/** `refused`: every reason that applies; which of them is named is not the model's business. Empty reasons do not occur. */
export type Verdict = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly reasons: readonly string[] };

/** What the model takes over from the ledger: the id of a granted request, and whether somebody but the next in line would be delayed. */
export interface Follow {
  readonly id: string;
  readonly delays: boolean;
}

/** Somebody's word; changes the model unless it is refused. */
export function obey(model: Model, word: Word, { id, delays }: Follow): Verdict {
  const reasons = reasonsOf(model, word, { id, delays });
  return reasons.length === 0 ? { kind: 'done' } : { kind: 'refused', reasons };
}

function request(model: Model, { by, pool, gpus, hours, until }: Extract<Word, { verb: 'request' }>, id: string): string[] {
  const { rules, now, overrides } = model;
  const team = teamOf(rules, by);
  const accounts = accountsOf(by, team);
  // Also when it is refused then: the budget it is weighed against is this period's.
  rollOver(model, accounts);
  const terms = pools(rules)[pool];
  const [asked, seconds] = [gpus * DEVICE_MILLI[pool], until === null ? hours * HOUR : until - now];
  const charge = Math.ceil(asked * terms.rate);
  const own = (limit: Override['limit']) => limitOf(rules, overrides, { user: by, limit, at: now });
  const [use, shared] = [useOf(model, memberAccount(by)), team === null ? null : useOf(model, teamAccount(team))];
  const cpu = model.allocations.filter((one) => one.holder === by && one.pool === 'cpu' && counts(one.state));
  const beyond = {
    over_cpu_limit: gpus === 0 && cpu.length >= CPU_CONTAINERS,
    over_request_cap: asked > own('gpusPerRequest'),
    over_member_limit: gpus > 0 && use.heldMilli + asked > own('gpus'),
    over_team_limit: gpus > 0 && shared !== null && shared.heldMilli + asked > teamLimitOf(rules, 'gpus'),
    until_past: seconds < 1,
    duration_too_long: seconds > Math.min(terms.longest, own('maxDuration')),
    over_budget:
      charge > 0 &&
      (use.committed + charge * seconds > own('gpuHours') ||
        (shared !== null && shared.committed + charge * seconds > teamLimitOf(rules, 'gpuHours'))),
    never_fits: gpus > BIGGEST_HOST[pool],
    no_approver: terms.approval && rules.approvers.every((user) => user === by),
  };
  const reasons = Object.entries(beyond).flatMap(([reason, applies]) => (applies ? [reason] : []));
  if (reasons.length > 0) return reasons;
  model.allocations.push({
    id,
    holder: by,
    team,
    pool,
    gpus,
    seconds,
    until,
    charge,
    state: terms.approval ? 'requested' : 'queued',
    version: 1,
    requestedAt: now,
    place: terms.approval ? null : ++model.places,
    lapsesAt: now + (terms.approval ? rules.approvalLapse : rules.queueLapse),
    host: null,
    devices: [],
    placedAt: null,
    activeAt: null,
    endsAt: null,
    extended: {},
    asking: null,
    runningAt: null,
    holds: Object.fromEntries(accounts.map((account) => [account, { period: currentPeriod(model), open: charge * seconds, used: {} }])),
  });
  return [];
}

function reasonsOf(model: Model, word: Word, { id, delays }: Follow): string[] {
  switch (word.verb) {
    case 'request':
      return request(model, word, id);
    case 'adjust':
      return adjust(model, word);
    case 'extend':
      return extend(model, word, delays);
    default:
      return change(model, word);
  }
}

/** Also when it is refused for the budget: that it was looked at brought the accounts into this period. */
function extend(model: Model, { by, id, version, hours, until }: Extract<Word, { verb: 'extend' }>, delays: boolean): string[] {
  const { rules, now } = model;
  const one = model.allocations.find((other) => other.id === id);
  if (one === undefined) return ['no_such_allocation'];
  if (one.holder !== by) return ['not_yours'];
  if (one.state !== 'active' || one.endsAt === null || (version !== null && version !== one.version)) return ['too_late'];
  rollOver(model, Object.keys(one.holds));
  const endsAt = until ?? one.endsAt + hours * HOUR;
  const seconds = endsAt - one.endsAt;
  const never = forbidden(model, one, endsAt);
  if (never.length > 0) return never;
  const week = periodAt('week', now);
  const extended = model.allocations.reduce((sum, other) => sum + (other.holder === by ? (other.extended[week] ?? 0) : 0), 0);
  const doubts = {
    over_extension: extended + seconds > rules.extensions * HOUR,
    would_delay: headWaitsLonger(model, one, endsAt) || (delays && queueOf(model, one.pool).length > 0),
  };
  const reasons = Object.entries(doubts).flatMap(([reason, applies]) => (applies ? [reason] : []));
  if (reasons.length === 0) lengthen(model, one, endsAt);
  else if (one.asking !== null) return ['asked_already'];
  else if (rules.approvers.every((user) => user === by)) return reasons;
  else one.asking = { seconds, lapsesAt: now + rules.approvalLapse };
  return [];
}

/** What no approver can allow. */
function forbidden(model: Model, one: ModelAllocation, endsAt: number): string[] {
  const { rules, now, overrides } = model;
  const seconds = endsAt - (one.endsAt ?? 0);
  const own = (limit: Override['limit']) => limitOf(rules, overrides, { user: one.holder, limit, at: now });
  const amount = one.charge * seconds;
  const left = (account: string, limit: number) => limit - useOf(model, account).committed;
  const shared = one.team === null ? Infinity : left(teamAccount(one.team), teamLimitOf(rules, 'gpuHours'));
  const beyond = {
    not_longer: seconds <= 0,
    extension_too_long: endsAt - now > Math.min(pools(rules)[one.pool].longest, own('maxDuration')),
    over_budget: amount > 0 && (amount > left(memberAccount(one.holder), own('gpuHours')) || amount > shared),
  };
  return Object.entries(beyond).flatMap(([reason, applies]) => (applies ? [reason] : []));
}

function lengthen(model: Model, one: ModelAllocation, endsAt: number): void {
  const seconds = endsAt - (one.endsAt ?? 0);
  const week = periodAt('week', model.now);
  one.endsAt = endsAt;
  if (one.until !== null) one.until = endsAt;
  one.extended[week] = (one.extended[week] ?? 0) + seconds;
  one.asking = null;
  one.version++;
  for (const hold of Object.values(one.holds)) {
    hold.open += one.charge * seconds;
    hold.period = currentPeriod(model);
  }
}

/** An approver's answer to whether it may be kept for longer. Refused, it leaves nothing behind, and still waits. */
function answerExtension(model: Model, one: ModelAllocation, verb: 'approve' | 'deny'): string[] {
  if (verb === 'deny') {
    one.asking = null;
    return [];
  }
  const endsAt = (one.endsAt ?? 0) + (one.asking?.seconds ?? 0);
  const accounts = Object.keys(one.holds);
  const tried = copyOf(model);
  rollOver(tried, accounts);
  const trial = tried.allocations.find(({ id }) => id === one.id);
  if (trial === undefined || forbidden(tried, trial, endsAt).length > 0) return ['not_approvable'];
  rollOver(model, accounts);
  lengthen(model, one, endsAt);
  return [];
}

type Change = Exclude<Word, { verb: 'request' | 'adjust' | 'extend' }>;

function isLegal(verb: Change['verb'], state: State): boolean {
  if (verb === 'approve' || verb === 'deny') return state === 'requested';
  return verb === 'cancel' ? waits(state) : onHost(state) && mayUse(state);
}

function candidates({ allocations }: Model, { verb, by }: Change): ModelAllocation[] {
  return allocations.filter(({ holder, state }) => holder === by && isLegal(verb, state));
}

/** Whom a word without an id means, or null. */
export function onlyOne(model: Model, word: Word): string | null {
  if (word.verb !== 'cancel' && word.verb !== 'release') return null;
  const [one, ...others] = candidates(model, word);
  return one === undefined || others.length > 0 ? null : one.id;
}

function change(model: Model, word: Change): string[] {
  const { verb, by } = word;
  const answers = verb === 'approve' || verb === 'deny';
  const mine = candidates(model, word);
  if (word.id === null && mine.length !== 1) return [mine.length === 0 ? 'nothing_held' : 'which_one'];
  const one = word.id === null ? mine[0] : model.allocations.find(({ id }) => id === word.id);
  if (one === undefined) return ['no_such_allocation'];
  const [own, approves, admin] = [one.holder === by, model.rules.approvers.includes(by), model.rules.admins.includes(by)];
  const reasons = [
    ...(answers && !approves ? ['not_approver'] : []),
    ...(answers && own ? ['own_request'] : []),
    ...(!answers && !own && !admin ? ['not_yours'] : []),
    ...((!isLegal(verb, one.state) && !(answers && one.asking !== null)) || (answers && word.version !== one.version)
      ? ['too_late', 'extension_answered']
      : []),
  ];
  if (reasons.length > 0) return reasons;
  if (answers && one.asking !== null) return answerExtension(model, one, verb);
  if (verb === 'approve') {
    one.place = ++model.places;
    one.lapsesAt = model.now + model.rules.queueLapse;
  }
  move(model, one, ({ approve: 'queued', deny: 'denied', cancel: 'cancelled', release: 'retiring' } as const)[verb]);
  return [];
}

function adjust(model: Model, { by, ask }: Extract<Word, { verb: 'adjust' }>): string[] {
  if (!model.rules.admins.includes(by)) return ['not_admin'];
  const { now } = model;
  if (ask.kind === 'grant') {
    model.corrections.push({ account: memberAccount(ask.user), period: currentPeriod(model), amount: -ask.milliSeconds });
    return [];
  }
  const { user, limit } = ask;
  const inForce = model.overrides.findIndex((one) => one.user === user && one.limit === limit && one.until > now);
  if (inForce >= 0) model.overrides.splice(inForce, 1);
  else if (ask.kind === 'revoke') return ['no_override'];
  if (ask.kind === 'set') model.overrides.push({ user, limit, value: ask.value, until: ask.until });
  return [];
}

function accountsOf(holder: string, team: string | null): string[] {
  return [memberAccount(holder), ...(team === null ? [] : [teamAccount(team)])];
}
