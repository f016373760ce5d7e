// What a request would come to, for whoever fills it in: the verb's own decision on what is so now, without locks and without any effect.
import type { RequestAsk } from '../domain/ask.ts';
import { decideRequest } from '../domain/decide-request.ts';
import { CPU_POOL, examplePool, poolTerms, type Policy } from '../domain/policy.ts';
import { foresee, type PoolChoice, type PoolLine, type RequestPreview } from '../domain/request-preview.ts';
import { deviceConditions } from '../domain/standing-views.ts';
import type { MemberRow } from '../ledger/members.ts';
import type { App } from './app.ts';
import { readGroups } from './groups.ts';
import { poolOverview } from './overview.ts';
import { planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';
import { requestFacts } from './request-facts.ts';
import { payerOf } from './standing.ts';

/** Of a longer line only the length is told: planning it would take longer than somebody waits for a window. */
const PLANNED_MAX = 1000;

/** `asked`: what was filled in; the usual request, before anything was; or `unclear`, and only how things stand is told. */
export async function previewRequest(app: App, actor: MemberRow, asked: RequestAsk | 'usual' | 'unclear'): Promise<RequestPreview> {
  const at = app.clock.now();
  const { reads } = app.ledger;
  const { policy } = await app.remembered.policy();
  const read = { policy, groups: await readGroups(app, policy) };
  const team = payerOf(policy, actor.slackUser, read.groups);
  const [facts, pools] = await Promise.all([
    requestFacts(reads, { policy, actor, team, read, ask: typeof asked === 'string' ? NOTHING : asked, at }),
    poolChoices(app, policy),
  ]);
  const usualPool = pools.find(({ name, free }) => name !== CPU_POOL && free > 0)?.name ?? examplePool(pools);
  const ask = asked === 'usual' ? { ...NOTHING, pool: usualPool, devices: usualPool === CPU_POOL ? 0 : 1 } : asked;
  const decision = ask === 'unclear' ? null : decideRequest({ ...facts, ask });
  const grant = decision?.kind === 'granted' ? decision.grant : null;
  const line = grant === null ? null : await lineOf(app, policy, grant.pool, actor, at);
  return {
    at,
    pools,
    devicesMax: Math.max(1, ...facts.hosts.flatMap(({ devices }) => [...devices.values()])),
    images: policy.images.filter((image) => image.class === 'interactive').map(({ name }) => name),
    usual: { pool: usualPool, seconds: (asked === 'usual' ? grant?.durationSeconds : null) ?? policy.defaultDuration },
    gpus: facts.limits.gpus,
    gpuHours: facts.limits.gpuHours,
    use: facts.use,
    team: facts.team,
    period: policy.period,
    refillsAt: facts.refillsAt,
    foreseen:
      decision === null ? null : foresee({ ...facts, ask: ask === 'unclear' ? NOTHING : ask }, decision, { of: line, member: actor.id }),
  };
}

async function poolChoices(app: App, policy: Policy): Promise<PoolChoice[]> {
  const offered = poolTerms(policy).map(({ name }) => name);
  const statuses = (await poolOverview(app)).filter(({ name }) => offered.includes(name));
  return statuses.map((status) => ({
    name: status.name,
    free: status.free,
    total: deviceConditions.reduce((sum, condition) => sum + status[condition], 0),
  }));
}

async function lineOf(app: App, policy: Policy, pool: string, { id: memberId }: MemberRow, at: Date): Promise<PoolLine> {
  const { reads } = app.ledger;
  const rows = await poolQueue(reads, policy, pool, { at, limit: PLANNED_MAX + 1 });
  const hosts = await planHosts(reads, policy, { pool, queue: [{ memberId }, ...rows] }, at);
  return { queue: rows.map(toQueuedAsk), hosts, cut: rows.length > PLANNED_MAX };
}

const NOTHING: RequestAsk = {
  pool: null,
  devices: 1,
  memoryMibMin: null,
  durationSeconds: null,
  until: null,
  image: null,
  host: null,
  command: null,
  purpose: '',
};
