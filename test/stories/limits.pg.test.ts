// Scenarios 2 and 4 to 7, and the answers before and after asking, entered only through Slack's own deliveries.
import { sql } from 'drizzle-orm';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { asDocument, CHANNEL, people, startStory, type Story, type StoryOptions } from '../support/story.ts';
import { testPolicy, type PolicyChange } from '../support/policy.ts';

const { ada, bob, pat, root } = people;
const variants: readonly (readonly [string, StoryOptions])[] = [
  ['two bots inside', { bots: 'two inside' }],
  ['two bot processes', { bots: 'two processes' }],
];
const a100 = { ...testPolicy().pools[0], approval: 'none', maxDuration: '24h' };
const policyWith = (change: PolicyChange = {}) =>
  testPolicy({ quota: { gpus: 8, gpusPerRequest: 4, cpuContainers: 2 }, pools: [a100], ...change });

let story: Story;
afterEach(async () => {
  const { discrepancy } = await verifyLedger(story.ledger);
  await story.end();
  if (discrepancy !== null) throw new Error(`the ledger does not hold: ${JSON.stringify(discrepancy)}`);
});

async function begin(options: StoryOptions, gpus: readonly number[]): Promise<void> {
  story = await startStory(options);
  for (const [index, count] of gpus.entries()) await story.startHost({ name: `gpu-0${index + 1}`, gpus: count });
  const all = gpus.reduce((sum, count) => sum + count, 0);
  await story.until(async () => (await story.gpu(ada, 'status')).includes(`${all} of ${all}`), 'free GPUs');
}
const inState = async (state: string) => {
  const rows = await story.ledger.reads.execute<{ id: string }>(
    sql`select id from allocations where state = ${state} order by requested_at`,
  );
  return rows.map(({ id }) => id);
};
const active = (count: number) =>
  story.until(async () => ((await inState('active')).length === count ? inState('active') : null), `${count} to run`);
const idIn = (words: string) => /al-[0-9a-z]+/.exec(words)?.[0] ?? '';

describe.each(variants)('the queue with %s', (_, options) => {
  it('scenario 4: all or nothing; what the one who waits cannot use goes to others, while it delays nobody', async () => {
    await begin({ ...options, policy: policyWith() }, [2]);
    await story.gpu(ada, 'request 1 a100 for 2h');
    await active(1);
    const answer = await story.gpu(bob, 'request 2 a100 for 4h');
    expect(answer).toContain('is next in line; by the lease ends that are known it starts');
    const big = idIn(answer);
    await story.gpu(ada, 'request 1 a100 for 20h -- too long');
    const quick = idIn(await story.gpu(pat, 'request 1 a100 for 1h -- quick'));
    expect(await active(2)).toContain(quick);
    expect(await inState('queued')).toHaveLength(2);
    const words = await story.gpu(ada, 'queue');
    expect(words).toMatch(
      new RegExp(`1\\. <@${bob}>, 2 × a100 for 4 h \\(\`${big}\`\\): earliest start .* on \`gpu-01\`; waits for \`${quick}\``),
    );
    expect(words).toMatch(new RegExp(`2\\. you, 1 × a100 for 20 h .*waits for \`${big}\` to end`));
    const why = await story.gpu(bob, `why ${big}`);
    expect(why).toContain('GPUs at once: 0 held + 2 asked = 2 of 8 (everybody’s limit): fits.');
    expect(why).toContain('GPU-hours: 0 committed + 8 asked (2 GPUs × 4 h) = 8, no limit: fits.');
    expect(await story.gpu(ada, 'status')).toMatch(new RegExp(`<@${pat}> until`));
    for (const id of (await inState('queued')).toReversed()) await story.gpu(id === big ? bob : ada, `cancel ${id}`);
  });
});

describe.each(variants)('why with %s', (_, options) => {
  it('is told to its holder, an approver and an admin in the numbers of its decision, and to nobody else', async () => {
    const quick = { ...a100, approval: { unless: { gpus: 1, duration: '8h', nobodyWaits: true } } };
    await begin({ ...options, policy: policyWith({ pools: [quick] }) }, [2]);
    const small = idIn(await story.gpu(ada, 'request 1 a100 for 2h -- small'));
    await active(1);
    const large = idIn(await story.gpu(ada, 'request 1 a100 for 9h -- large'));
    for (const reader of [ada, pat, root]) {
      const [first, second] = [await story.gpu(reader, `why ${small}`), await story.gpu(reader, `why ${large}`)];
      expect(first).toContain('Approval: none asked; `a100` gives up to 1 GPU for at most 8 h, while nobody waits, without one.');
      expect(first).toContain('Time: 2 h asked of 1 day (the longest that `a100` is given): fits.');
      expect(first).toMatch(/placed on `gpu-01`, the only host with room for it: `GPU-/);
      expect(second).toContain('Approval: a person was asked; `a100` gives only');
      expect(second).toContain('without one: 9 h asked.');
    }
    for (const id of [small, large]) {
      const words = await story.gpu(bob, `why ${id}`);
      expect(words).toBe('Only its holder, the approvers and the admins can see why that was decided. `/gpu mine` lists yours.');
    }
  });
});

describe.each(variants)('limits with %s', (_, options) => {
  it('scenario 2: cap 2 per request, 8 free: 3 are refused at once for the cap, and 99 too; 2 are given', async () => {
    await begin({ ...options, policy: policyWith({ quota: { gpus: 8, gpusPerRequest: 2, cpuContainers: 2 } }) }, [8]);
    for (const many of [3, 99]) {
      const words = await story.gpu(ada, `request ${many} a100 for 1h`);
      expect(words).toContain(`at most 2 GPUs (everybody’s limit); you asked for ${many}`);
    }
    // Nothing waits for it, and nothing was ever asked of the ledger.
    expect(await story.ledger.reads.query.allocations.findMany()).toEqual([]);
    expect(await story.gpu(ada, 'status')).toContain('8 of 8');
    await story.gpu(ada, 'request 2 a100 for 1h');
    await active(1);
  });

  it('scenario 5: refusals name their kind: quota, capacity, policy, and an unknown pool lists the pools', async () => {
    const approval = { ...a100, name: 'h100', match: { model: 'H100' }, approval: 'required' };
    await begin(
      { ...options, policy: policyWith({ quota: { gpus: 2, gpusPerRequest: 2, cpuContainers: 1 }, pools: [a100, approval] }) },
      [1],
    );
    expect(await story.gpu(ada, 'request 3 a100')).toContain('at most 2 GPUs (everybody’s limit)');
    expect(await story.gpu(ada, 'request 2 a100')).toContain('do not fit on one host: the biggest host has 1');
    expect(await story.gpu(ada, 'request 1 a100 for 3 days')).toContain('may be had for 1 day at a time');
    expect(await story.gpu(ada, 'request 1 v100')).toMatch(/v100[\s\S]*a100/);
    expect(await inState('queued')).toEqual([]);
  });

  it('scenario 6: layers, each changing only what it names; quota, decision and enforcement agree, and say where from', async () => {
    const teams = [{ name: 'vision', members: { list: [ada, bob] }, each: { gpus: 2 }, total: { gpus: 3 } }];
    await begin({ ...options, policy: policyWith({ teams, quota: { gpus: 1, gpusPerRequest: 4, cpuContainers: 2, gpuHours: 100 } }) }, [4]);
    expect(await story.gpu(ada, 'quota')).toMatch(/team `vision`[\s\S]*everybody’s limit|everybody’s limit[\s\S]*team `vision`/);
    expect(await story.gpu(ada, 'request 3 a100 for 1h')).toContain('your limit is 2 (team `vision`)');
    expect(await story.gpu(ada, `admin quota <@${ada}> 3 gpus -- me`)).toContain('Only the admins');
    expect(await story.gpu(root, `admin quota <@${ada}> 3 gpus for 2 weeks -- deadline`)).toContain('Done');
    await story.sees(ada, story.slack.dm(ada), /changed what you may have[\s\S]*3[\s\S]*deadline/);
    expect(await story.gpu(ada, 'quota')).toMatch(/deadline/);
    await story.gpu(ada, 'request 3 a100 for 1h');
    await active(1);
    expect(await story.gpu(bob, 'request 1 a100 for 1h')).toContain('Your team `vision` uses 3/3');
    expect(await story.gpu(bob, `quota <@${ada}>`)).toContain(`<@${ada}>`);
    expect(await story.gpu(pat, `quota <@${ada}>`)).toContain('lets you look at your own quota');
    expect(await story.gpu(ada, 'again')).toContain('your limit is 3');
  });

  it('scenario 7: three 2g slices, limit half a GPU: the first fits, the second does not', async () => {
    const mig = { ...a100, name: '2g', match: { model: 'A100', mig: '2g.20gb' }, memoryGib: 20 };
    story = await startStory({
      ...options,
      policy: policyWith({ pools: [mig], quota: { gpus: 0.5, gpusPerRequest: 0.5, cpuContainers: 1 } }),
    });
    await story.startHost({ name: 'gpu-01', gpus: 3, model: 'NVIDIA A100-SXM4-80GB MIG 2g.20gb' });
    await story.until(async () => (await story.gpu(ada, 'status')).includes('3 of 3'), 'free slices');
    await story.gpu(ada, 'request 1 2g for 1h');
    await active(1);
    expect(await story.gpu(ada, 'request 1 2g for 1h')).toContain('0.57 GPUs at once; your limit is 0.5');
    expect(await story.gpu(ada, 'request 2 2g for 1h')).toContain('at most 1 `2g`');
  });
});

describe('a policy file that changes under running bots', () => {
  it('is in force within seconds; a broken one changes nothing, and the admins are told what is wrong', async () => {
    await begin({ bots: 'two processes', policy: policyWith() }, [1]);
    const file = join(story.directory, 'policy.yaml');
    writeFileSync(file, '{"channel": 5}');
    await story.sees(root, story.slack.dm(root), /policy file has changed, but it is not right[\s\S]*policy\.yaml:1: channel/);
    expect(await story.gpu(ada, 'request 5 a100')).toContain('at most 4 GPUs');
    writeFileSync(file, JSON.stringify(asDocument(policyWith({ quota: { gpus: 8, gpusPerRequest: 1, cpuContainers: 2 } }))));
    await story.until(async () => (await story.gpu(ada, 'request 3 a100')).includes('at most 1 GPU '), 'the new policy', 20_000);
    expect(story.slack.messagesSeenBy(root, story.slack.dm(root)).filter(({ words }) => words.includes('not right'))).toHaveLength(1);
    expect(story.slack.messagesSeenBy(root, CHANNEL).filter(({ words }) => words.includes('not right'))).toHaveLength(0);
  });
});
