// Lines of people who wait: their order whatever the clock says, who counts as waiting, and what a changed policy or a fault of one pool does to them.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve } from '../../src/app/answer-request.ts';
import type { App, Call } from '../../src/app/app.ts';
import { deliver } from '../../src/app/deliver.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { lapse } from '../../src/app/lapse.ts';
import { place } from '../../src/app/place.ts';
import { redrawQueue } from '../../src/app/redraw-queue.ts';
import { request } from '../../src/app/request.ts';
import { viewQueue } from '../../src/app/view-queue.ts';
import { viewWhy } from '../../src/app/view-why.ts';
import { cancel } from '../../src/app/withdraw.ts';
import type { RequestAsk } from '../../src/domain/ask.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { whyWords } from '../../src/slack/words/why.ts';
import { askFor, testApp, testHost, type TestApp } from '../support/app.ts';
import { people, testPolicy, type PolicyChange } from '../support/policy.ts';

const [a100, l4] = testPolicy().pools;
const policyWith = (pool: object, change: PolicyChange = {}) =>
  testPolicy({
    quota: { gpus: 8, gpusPerRequest: 8, cpuContainers: 2 },
    pools: [
      { ...a100, approval: 'none', maxDuration: '24h', ...pool },
      { ...l4, maxDuration: '12h' },
    ],
    ...change,
  });

let berth: TestApp;
let ada: Call;
let bob: Call;
beforeEach(async () => begin(policyWith({})));
afterEach(async () => berth.end());

async function begin(policy: ReturnType<typeof testPolicy>): Promise<void> {
  berth = await testApp({ policy });
  [ada, bob] = await Promise.all([berth.call(people.ada), berth.call(people.bob)]);
}
async function again(policy: ReturnType<typeof testPolicy>): Promise<void> {
  await berth.end();
  await begin(policy);
}
const ask = async (call: Call, change: Partial<RequestAsk> = {}, app: App = berth.app) =>
  allocationOf(await request(app, call, askFor(change))) ?? '';
async function row(id: string): Promise<{ state: string; reason: string | null }> {
  const [found] = await berth.app.ledger.reads.execute<{ state: string; reason: string | null }>(
    sql`select state, reason from allocations where id = ${id}`,
  );
  return found ?? { state: 'unknown', reason: null };
}
const state = async (id: string) => (await row(id)).state;
const states = async (...ids: string[]) => Promise.all(ids.map(state));
const line = async () => (await viewQueue(berth.app, 'a100'))[0]?.waiting.map(({ id }) => id);

describe('the line for a pool', () => {
  it('is first come, first served, though the clock was set back in between', async () => {
    const host = await testHost(berth.app, 'gpu-01', 1);
    const first = await ask(ada);
    berth.app.clock.move(-3600);
    const second = await ask(bob);
    expect(await line()).toEqual([first, second]);
    await host.report([]);
    await place(berth.app);
    expect(await states(first, second)).toEqual(['placed', 'queued']);
  });

  it('begins with the approval, not with the request', async () => {
    await again(policyWith({ approval: 'required' }));
    await testHost(berth.app, 'gpu-01', 2);
    const pat = await berth.call(people.pat);
    const [first, second] = [await ask(ada), await ask(bob)];
    await approve(berth.app, pat, { id: second, version: 1 });
    berth.app.clock.move(-3600);
    await approve(berth.app, pat, { id: first, version: 1 });
    expect(await line()).toEqual([second, first]);
  });
});

describe('a request that starts by itself while nobody waits', () => {
  const rule = policyWith({ approval: { unless: { gpus: 2, duration: '8h' } } });

  it('does so though others are on the way to places of their own', async () => {
    await again(rule);
    await testHost(berth.app, 'gpu-01', 4);
    const first = await ask(ada);
    expect(await states(first, await ask(bob, { devices: 2 }))).toEqual(['queued', 'queued']);
  });

  it('needs a person once somebody waits for a place or for a person', async () => {
    await again(rule);
    await testHost(berth.app, 'gpu-01', 2);
    await ask(ada, { devices: 2 });
    expect(await state(await ask(bob))).toBe('queued');
    expect(await state(await ask(bob))).toBe('requested');
    await place(berth.app);
    expect(await state(await ask(ada))).toBe('requested');
  });

  it('sees who asked at the same moment at another bot', async () => {
    await again(rule);
    await testHost(berth.app, 'gpu-01', 2);
    const others = [berth.app, await berth.another(), await berth.another()];
    const calls = await Promise.all([people.ada, people.bob, people.pat].map((user) => berth.call(user)));
    const ids = await Promise.all(
      others.map(async (app, index) => {
        const call = calls[index];
        return call === undefined ? '' : ask(call, { devices: 2 }, app);
      }),
    );
    expect((await states(...ids)).toSorted()).toEqual(['queued', 'queued', 'requested']);
  });
});

describe('a request for what the policy has no longer', () => {
  const slices = policyWith({ match: { model: 'A100', mig: '2g.20gb' } });

  it('gets no whole GPU for the price of a slice: it lapses, and is told why', async () => {
    await again(slices);
    await testHost(berth.app, 'gpu-02', 1, 'NVIDIA A100 80GB MIG 2g.20gb');
    const first = await ask(ada);
    await place(berth.app);
    const second = await ask(ada);
    await testHost(berth.app, 'gpu-01', 1);
    await importPolicy(berth.app, policyWith({}));
    expect(await place(berth.app)).toBe(0);
    expect(await lapse(berth.app)).toBe(1);
    expect(await row(second)).toEqual({ state: 'lapsed', reason: 'pool_changed' });
    expect(await state(first)).toBe('placed');
    const words = whyWords(await viewWhy(berth.app, ada.actor, second), 'UTC')
      .flat()
      .join();
    expect(words).toContain('lapsed: the GPUs of this pool are of another size now');
  });

  it('lapses with its pool, and why says so', async () => {
    await testHost(berth.app, 'gpu-01', 1);
    const id = await ask(ada);
    await importPolicy(berth.app, policyWith({ name: 'h100' }));
    expect(await lapse(berth.app)).toBe(1);
    expect(await row(id)).toEqual({ state: 'lapsed', reason: 'pool_gone' });
    const words = whyWords(await viewWhy(berth.app, ada.actor, id), 'UTC')
      .flat()
      .join();
    expect(words).toContain('lapsed: the policy has this pool no longer');
  });
});

describe('placing', () => {
  it('goes on with the other pools when one cannot be served', async () => {
    await testHost(berth.app, 'gpu-01', 1);
    await testHost(berth.app, 'gpu-02', 1, 'NVIDIA L4');
    await berth.app.ledger.reads.execute(sql`
      create function fail() returns trigger language plpgsql as $$ begin raise exception 'a fault of this pool'; end $$`);
    await berth.app.ledger.reads.execute(sql`
      create trigger fault before insert on leases for each row when (new.device like '%gpu-01%') execute function fail()`);
    const [broken, whole] = [await ask(ada), await ask(ada, { pool: 'l4' })];
    expect(await place(berth.app)).toBe(1);
    expect(await states(broken, whole)).toEqual(['queued', 'placed']);
    await berth.app.ledger.reads.execute(sql`drop trigger fault on leases`);
    expect(await place(berth.app)).toBe(1);
    expect(await state(broken)).toBe('placed');
  });
});

describe('the card of a request in line', () => {
  const shown = () => berth.shown.flatMap(({ letter }) => (letter.kind === 'approval_card' ? [`${letter.allocation.ahead} ahead`] : []));

  it('is drawn again when those before it are gone, at most once a minute, and not when nothing has changed', async () => {
    await again(policyWith({ approval: 'required' }));
    const pat = await berth.call(people.pat);
    const host = await testHost(berth.app, 'gpu-01', 1);
    const running = await ask(bob);
    await approve(berth.app, pat, { id: running, version: 1 });
    await place(berth.app);
    await deliver(berth.app);
    berth.shown.length = 0;
    const ids = [await ask(ada), await ask(ada), await ask(bob)];
    for (const id of ids) await approve(berth.app, pat, { id, version: 1 });
    await deliver(berth.app);
    expect(shown()).toEqual(['0 ahead', '1 ahead', '2 ahead']);
    await cancel(berth.app, ada, { id: ids[0] ?? '', version: null });
    await deliver(berth.app);
    berth.shown.length = 0;
    expect(await redrawQueue(berth.app)).toBe(0);
    berth.app.clock.move(60);
    await host.report([]);
    expect(await redrawQueue(berth.app)).toBe(2);
    await deliver(berth.app);
    expect(shown()).toEqual(['0 ahead', '1 ahead']);
    berth.app.clock.move(60);
    await host.report([]);
    expect(await redrawQueue(berth.app)).toBe(0);
  });

  it('waits for its turn while many are to be drawn again', async () => {
    await again(policyWith({ approval: 'required' }));
    const pat = await berth.call(people.pat);
    await testHost(berth.app, 'gpu-01', 1);
    const ids: string[] = [];
    for (let index = 0; index < 8; index++) ids.push(await ask(ada));
    for (const id of ids) await approve(berth.app, pat, { id, version: 1 });
    await deliver(berth.app);
    await cancel(berth.app, ada, { id: ids[0] ?? '', version: null });
    berth.app.clock.move(60);
    expect(await redrawQueue(berth.app)).toBe(5);
    expect(await redrawQueue(berth.app)).toBe(2);
    expect(await redrawQueue(berth.app)).toBe(0);
  });
});
