// Quota, why and queue in their exact words; names that are not ours come out harmless, and long lists within Slack's limits.
import { describe, expect, it } from 'vitest';
import { events } from '../../src/domain/lifecycle.ts';
import type { Limit, Limits } from '../../src/domain/quota.ts';
import type { RequestTerms } from '../../src/domain/request-basis.ts';
import type { DeviceView, PoolQueueView, QueuedView, QuotaView, WhyView } from '../../src/domain/standing-views.ts';
import { moment, plusSeconds } from '../../src/domain/time.ts';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import type { Message } from '../../src/slack/views/blocks.ts';
import { queueMessage, quotaMessage, whyMessage } from '../../src/slack/views/standing.ts';
import { gridLines } from '../../src/slack/words/standing.ts';

const BERLIN = 'Europe/Berlin';
const at = moment(Date.parse('2026-03-02T09:00:00Z'));
const later = moment(Date.parse('2026-03-02T15:00:00Z'));
const nextWeek = moment(Date.parse('2026-03-09T00:00:00Z'));
const AT = '<!date^1772442000^{date_short_pretty} {time}|Mon 2 Mar, 10:00 (Europe/Berlin)>';
const LATER = '<!date^1772463600^{date_short_pretty} {time}|Mon 2 Mar, 16:00 (Europe/Berlin)>';
const NEXT_WEEK = '<!date^1773014400^{date_short_pretty} {time}|Mon 9 Mar, 01:00 (Europe/Berlin)>';
const GPU_HOUR = 3_600_000;
const EVIL = '<!channel> `rm` & <@U0EVE0001>';

const byDefault = (value: number | null): Limit => ({ value, source: { layer: 'default' } });
const limits: Limits = {
  gpus: { value: 4000, source: { layer: 'member' } },
  gpusPerRequest: { value: 2000, source: { layer: 'team', team: 'vision' } },
  cpuContainers: byDefault(2),
  maxDuration: byDefault(172_800),
  gpuHours: {
    value: 100 * GPU_HOUR,
    source: { layer: 'override', until: nextWeek.toISOString(), by: 'member:U0ROOT001', reason: 'deadline' },
  },
};

function quota(change: Partial<QuotaView> = {}): QuotaView {
  return {
    member: {
      user: 'U0ADA0001',
      limits,
      use: { heldMilli: 3000, silentMilli: 1000, committed: 22.25 * GPU_HOUR },
      cpuContainers: 1,
      holding: [
        { id: 'al-7k3q9xwd', pool: 'a100', devices: 3, state: 'active', leaseEndsAt: later.toISOString() },
        { id: 'al-2222bbbb', pool: 'cpu', devices: 0, state: 'queued', leaseEndsAt: null },
      ],
    },
    team: {
      name: 'vision',
      limits: { gpus: 16_000, gpuHours: null },
      use: { heldMilli: 10_000, silentMilli: 0, committed: 120 * GPU_HOUR },
    },
    period: 'week',
    refillsAt: nextWeek,
    policyVersion: 12,
    ...change,
  };
}

function expectRight({ text, blocks }: Message): void {
  expect(checkBlocks(blocks)).toEqual([]);
  expect(blocks.length).toBeGreaterThan(0);
  expect(text.length).toBeGreaterThan(10);
  expect(text.length).toBeLessThanOrEqual(4000);
  expect(JSON.stringify(blocks).length).toBeLessThan(13_000);
  expect(text + JSON.stringify(blocks)).not.toMatch(/undefined|\bnull\b|NaN|\[object/);
}

describe('quota', () => {
  it('says every limit with its use, its source and what is left, to the one it is about', () => {
    const message = quotaMessage(quota(), BERLIN, 'U0ADA0001');
    expectRight(message);
    expect(message.text.split('\n')).toEqual([
      '*Your quota* (version 12 of the policy)',
      'GPUs at once: 3 of 4 used (set for you in the policy). 1 GPU on a host that is silent is not counted.',
      'GPUs per request: at most 2 (team `vision`).',
      'Time per lease: at most 2 days (everybody’s limit).',
      `GPU-hours this week: 22.25 of 100 used or held (set by <@U0ROOT001> until ${NEXT_WEEK}: deadline); 77.75 left, filled again ${NEXT_WEEK}.`,
      'CPU containers: 1 of 2 used (everybody’s limit).',
      '',
      '*Team `vision`*, which pays, all members together',
      'GPUs at once: 10 of 16 used.',
      'GPU-hours this week: 120 used or held, no limit.',
      '',
      '*Held by you*',
      `• \`al-7k3q9xwd\`: 3 × a100, until ${LATER}`,
      '• `al-2222bbbb`: a CPU container, waiting for a place',
      '',
      '`/gpu release` gives something back, and the GPU-hours it still holds. To have more than your limits, ask an admin.',
    ]);
  });

  it('says of somebody else that it is theirs', () => {
    const { text } = quotaMessage(quota(), BERLIN, 'U0ROOT001');
    expect(text).toContain('*Quota of <@U0ADA0001>*');
    expect(text).toContain('GPUs at once: 3 of 4 used (set for <@U0ADA0001> in the policy).');
    expect(text).toContain('*Held by <@U0ADA0001>*');
    expect(text).not.toMatch(/\byou/i);
  });

  it('says where there is no limit, and no team', () => {
    const none = byDefault(null);
    const member = {
      user: 'U0ADA0001',
      limits: { gpus: none, gpusPerRequest: none, cpuContainers: none, maxDuration: none, gpuHours: none },
      use: { heldMilli: 571, silentMilli: 2000, committed: 1 },
      cpuContainers: 0,
      holding: [],
    };
    const message = quotaMessage(quota({ member, team: null, period: 'month' }), BERLIN, 'U0ADA0001');
    expectRight(message);
    expect(message.text.split('\n')).toEqual([
      '*Your quota* (version 12 of the policy)',
      'GPUs at once: 0.571 used, no limit. 2 GPUs on hosts that are silent are not counted.',
      'GPUs per request: no limit.',
      'Time per lease: no limit but the pool’s own.',
      'GPU-hours this month: less than 0.01 used or held, no limit.',
      'CPU containers: 0 used, no limit.',
      '',
      'No team pays for you, so no other limit counts.',
      '',
      '*Held by you*',
      'Nothing.',
      '',
      'To have more than your limits, ask an admin.',
    ]);
  });

  it.each([
    [100, `GPU-hours this week: 100 of 100 used or held; none left, filled again ${NEXT_WEEK}.`],
    [130, `GPU-hours this week: 130 of 100 used or held; none left, 30 too many, filled again ${NEXT_WEEK}.`],
    [-20, `GPU-hours this week: 120 left of 100, since an admin granted more; filled again ${NEXT_WEEK}.`],
  ])('a team alone, with %s of 100 GPU-hours', (committed, line) => {
    const team = {
      name: 'vision',
      limits: { gpus: null, gpuHours: 100 * GPU_HOUR },
      use: { heldMilli: 0, silentMilli: 0, committed: committed * GPU_HOUR },
    };
    const message = quotaMessage(quota({ member: null, team }), BERLIN, 'U0ROOT001');
    expectRight(message);
    expect(message.text.split('\n')).toEqual([
      '*Team `vision`*, all members together (version 12 of the policy)',
      'GPUs at once: 0 used, no limit.',
      line,
    ]);
  });
});

const waiting: QueuedView = {
  id: 'al-7k3q9xwd',
  holder: 'U0ADA0001',
  devices: 2,
  durationSeconds: 21_600,
  position: 2,
  startsAt: later,
  host: 'gpu-01',
  waitsFor: ['al-2222bbbb', 'al-3333cccc'],
};

function why(change: Partial<WhyView> = {}): WhyView {
  const use = { heldMilli: 1000, silentMilli: 0, committed: 10 * GPU_HOUR };
  return {
    id: 'al-7k3q9xwd',
    holder: 'U0ADA0001',
    pool: 'a100',
    devices: 2,
    capacityMilli: 2000,
    chargeMilli: 2000,
    durationSeconds: 21_600,
    team: 'vision',
    basis: {
      policyVersion: 12,
      limits: { ...limits, gpus: byDefault(4000), gpuHours: byDefault(100 * GPU_HOUR) },
      use,
      team: {
        name: 'vision',
        limits: { gpus: 16_000, gpuHours: null },
        use: { heldMilli: 8000, silentMilli: 0, committed: 120 * GPU_HOUR },
      },
    },
    history: [
      { event: 'request', at, actor: 'member:U0ADA0001', reason: null, place: null },
      { event: 'approve', at, actor: 'member:U0PAT0001', reason: null, place: null },
      {
        event: 'place',
        at,
        actor: 'scheduler',
        reason: null,
        place: { host: 'gpu-01', devices: ['GPU-aaaa1111', 'GPU-bbbb2222'], because: 'workspace' },
      },
      { event: 'started', at, actor: 'host:gpu-01', reason: null, place: null },
      { event: 'retire', at: later, actor: 'member:U0ADA0001', reason: 'released', place: null },
      { event: 'freed', at: later, actor: 'host:gpu-01', reason: 'released', place: null },
    ],
    entries: ['member:12', 'team:vision'].flatMap((account) => [
      { account, kind: 'hold', amount: 12 * GPU_HOUR, at, reason: null } as const,
      { account, kind: 'post', amount: 3.5 * GPU_HOUR, at: later, reason: 'released' } as const,
      { account, kind: 'void', amount: 8.5 * GPU_HOUR, at: later, reason: 'released' } as const,
    ]),
    votes: [],
    less: null,
    waiting: null,
    ...change,
  };
}

describe('why', () => {
  it('shows each decision as arithmetic, then what happened, then what it cost', () => {
    const message = whyMessage(why(), BERLIN);
    expectRight(message);
    expect(message.text.split('\n')).toEqual([
      '*`al-7k3q9xwd`*: <@U0ADA0001> asked for 2 × a100 for 6 h. Team `vision` pays.',
      '',
      '*Decided by version 12 of the policy*',
      'GPUs per request: 2 asked of 2 (team `vision`): fits.',
      'GPUs at once: 1 held + 2 asked = 3 of 4 (everybody’s limit): fits.',
      'Time: 6 h asked of 2 days (everybody’s limit): fits.',
      'GPU-hours: 10 committed + 12 asked (2 GPUs × 6 h) = 22 of 100 (everybody’s limit): fits.',
      'Team `vision`, GPUs at once: 8 held + 2 asked = 10 of 16: fits.',
      'Team `vision`, GPU-hours: 120 committed + 12 asked (2 GPUs × 6 h) = 132, no limit: fits.',
      '',
      '*What happened*',
      `• ${AT}: asked for by <@U0ADA0001>`,
      `• ${AT}: approved by <@U0PAT0001>`,
      `• ${AT}: placed on \`gpu-01\`, where its holder worked last: \`GPU-aaaa1111\` and \`GPU-bbbb2222\``,
      `• ${AT}: started, says the host \`gpu-01\``,
      `• ${LATER}: told to stop by <@U0ADA0001>: it was released`,
      `• ${LATER}: gone, and its GPUs free, says the host \`gpu-01\``,
      '',
      '*What it costs*',
      'GPU-hours of <@U0ADA0001>: held 12, used 3.5, given back 8.5.',
      'GPU-hours of team `vision`: held 12, used 3.5, given back 8.5.',
    ]);
  });

  it('says while it waits where in line it is, when it starts and whom it waits for', () => {
    const view = why({ waiting, entries: [{ account: 'member:12', kind: 'hold', amount: 12 * GPU_HOUR, at, reason: null }] });
    const message = whyMessage(view, BERLIN);
    expectRight(message);
    expect(message.text).toContain(
      `*In line*\nNumber 2 for \`a100\`: earliest start ${LATER} on \`gpu-01\`; waits for \`al-2222bbbb\` and \`al-3333cccc\` to end. \`/gpu queue a100\` shows everybody.\n`,
    );
    expect(message.text).toContain('GPU-hours of <@U0ADA0001>: held 12. Still held until it ends: 12; what it does not use is given back.');
    expect(whyMessage(why({ waiting: { ...waiting, startsAt: null, waitsFor: [] } }), BERLIN).text).toContain(
      'Number 2 for `a100`: its start cannot be told yet.',
    );
  });

  it.each([
    [2000, 3000, 21_600, '18 asked (2 GPUs × 6 h × rate 1.5)'],
    [2000, 2500, 2700, '1.88 asked (2 GPUs × 0.75 h × rate 1.25)'],
    [285, 428, 3600, '0.43 asked (0.285 GPUs × 1 h × rate 1.5)'],
    [1000, 1001, 3600, '1 asked (1 GPU × 1 h × rate 1.001)'],
  ])('with %s milli-GPU at %s for %s s names the rate', (capacityMilli, chargeMilli, durationSeconds, words) => {
    expect(whyMessage(why({ capacityMilli, chargeMilli, durationSeconds }), BERLIN).text).toContain(words);
  });

  it('counts what went over into a new period once', () => {
    const entry = (kind: 'hold' | 'post' | 'void', amount: number, reason: string | null) =>
      ({ account: 'member:12', kind, amount: amount * GPU_HOUR, at, reason }) as const;
    const entries = [
      entry('hold', 12, null),
      entry('post', 2, 'new_period'),
      entry('void', 10, 'new_period'),
      entry('hold', 10, 'new_period'),
      entry('post', 6, 'released'),
      entry('void', 4, 'released'),
    ];
    expect(whyMessage(why({ entries }), BERLIN).text).toContain(
      'GPU-hours of <@U0ADA0001>: held 12, used 8, given back 4. 10 of it went over into a new period.',
    );
  });

  it('does not make numbers up: of a CPU container, of an old request, of a limit that does not hold it any more', () => {
    const cpu = whyMessage(why({ pool: 'cpu', devices: 0, capacityMilli: 0, chargeMilli: 0, team: null, entries: [] }), BERLIN);
    expectRight(cpu);
    expect(cpu.text).toContain('CPU containers: at most 2 (everybody’s limit). It has no GPU, so no limit of GPUs counts.');
    expect(cpu.text).toContain('It costs no GPU-hours.');
    expect(cpu.text).not.toContain('GPUs at once');
    const old = whyMessage(why({ basis: null, history: [], entries: [] }), BERLIN);
    expectRight(old);
    expect(old.text).toContain('It was decided before the numbers of decisions were kept.');
    expect(old.text).toContain('No GPU-hours were held for it.');
    const over = why({ capacityMilli: 8000 }).basis;
    expect(whyMessage(why({ capacityMilli: 8000, basis: over }), BERLIN).text).toContain(
      'GPUs at once: 1 held + 8 asked = 9 of 4 (everybody’s limit): does not fit.',
    );
  });

  const required: RequestTerms = { approval: 'required', maxDurationSeconds: 86_400, rateMilli: 1000, waiting: null, cpuContainers: 1 };
  it('says what was granted where it is less, and what approvers said', () => {
    const votes = [
      { user: 'U0PAT0001', kind: 'ask', at, onBehalfOf: null, words: 'Which data?', answer: 'ImageNet' },
      { user: 'U0PIA0001', kind: 'lower', at, onBehalfOf: 'U0PAT0001', words: 'one is enough', answer: null },
    ] as const;
    const { text, blocks } = whyMessage(why({ less: { devices: 1, durationSeconds: 3600 }, votes }), BERLIN);
    expect(checkBlocks(blocks)).toEqual([]);
    expect(text).toContain('Less was approved than was asked: 1 × a100 for 1 h.');
    expect(text).toContain(
      '*What approvers said*\n• <@U0PAT0001> asks: Which data?\n• Answer: ImageNet\n• <@U0PIA0001> for <@U0PAT0001>: one is enough',
    );
  });

  const withTerms = (terms: Partial<RequestTerms>, change: Partial<WhyView> = {}) => {
    const view = why(change);
    const message = whyMessage({ ...view, basis: view.basis && { ...view.basis, terms: { ...required, ...terms } } }, BERLIN);
    expectRight(message);
    return message.text;
  };
  const unless = (nobodyWaits: boolean) => ({ unless: { gpus: 2, duration: 21_600, nobodyWaits } });

  it.each<[string, Partial<RequestTerms>, Partial<WhyView>]>([
    ['none asked; `a100` needs none.', { approval: 'none' }, {}],
    ['a person was asked, as for every request of `a100`.', {}, {}],
    ['none asked; `a100` gives up to 2 GPUs for at most 6 h, while nobody waits, without one.', { approval: unless(true), waiting: 0 }, {}],
    ['none asked; `a100` gives up to 2 GPUs for at most 6 h, without one.', { approval: unless(false) }, {}],
    [
      'a person was asked; `a100` gives only up to 2 GPUs for at most 6 h, while nobody waits, without one: 3 waited already.',
      { approval: unless(true), waiting: 3 },
      {},
    ],
    [
      'a person was asked; `a100` gives only up to 2 GPUs for at most 6 h, without one: 3 GPUs asked and 7 h asked.',
      { approval: unless(false) },
      { capacityMilli: 3000, durationSeconds: 25_200 },
    ],
  ])('says whether a person had to be asked, and why: %s', (words, terms, change) => {
    expect(withTerms(terms, change).split('\n')).toContain(`Approval: ${words}`);
  });

  it('names the shorter of the two longest times, and counts CPU containers', () => {
    expect(withTerms({})).toContain('Time: 6 h asked of 1 day (the longest that `a100` is given): fits.');
    expect(withTerms({ maxDurationSeconds: 200_000 })).toContain('Time: 6 h asked of 2 days (everybody’s limit): fits.');
    expect(withTerms({}, { pool: 'cpu', devices: 0, capacityMilli: 0, chargeMilli: 0, entries: [] })).toContain(
      'CPU containers: 1 held + 1 asked = 2 of 2 (everybody’s limit): fits.',
    );
  });

  it('has words for every event', () => {
    const history = events.map((event) => ({ event, at, actor: 'host:gpu-01', reason: null, place: null }));
    const message = whyMessage(why({ history }), BERLIN);
    expectRight(message);
    expect(message.text.match(/^• /gm)).toHaveLength(events.length);
    const long = Array.from({ length: 30 }, (_, index) => ({
      event: 'extend' as const,
      at,
      actor: `member:U${index}`,
      reason: null,
      place: null,
    }));
    const { text } = whyMessage(why({ history: long }), BERLIN);
    expect(text.match(/^• /gm)).toHaveLength(12);
    expect(text).toMatch(/<@U3>\nand 18 more steps\n.*<@U22>/);
    expect(text).toContain('<@U29>');
  });
});

const held = { id: 'al-2222bbbb', holder: 'U0BOB0001', host: 'gpu-01', devices: 2, endsAt: later };

describe('the queue', () => {
  it('says who waits for what, from when, for whom, and who holds what', () => {
    const pools: PoolQueueView[] = [
      {
        pool: 'a100',
        waiting: [
          { ...waiting, id: 'al-3333cccc', holder: 'U0BOB0001', position: 1, waitsFor: ['al-2222bbbb'] },
          { ...waiting, devices: 4, startsAt: null, host: null, waitsFor: [] },
        ],
        held: [held, { ...held, id: 'al-4444dddd', holder: 'U0ADA0001', devices: 1, endsAt: null }],
      },
      { pool: 'h200', waiting: [], held: [] },
      { pool: 'cpu', waiting: [{ ...waiting, devices: 0, position: 1, waitsFor: [] }], held: [] },
    ];
    const message = queueMessage(pools, BERLIN, 'U0ADA0001');
    expectRight(message);
    expect(message.text.split('\n')).toEqual([
      '*`a100`*: 2 requests wait:',
      `1. <@U0BOB0001>, 2 × a100 for 6 h (\`al-3333cccc\`): earliest start ${LATER} on \`gpu-01\`; waits for \`al-2222bbbb\` to end`,
      '2. you, 4 × a100 for 6 h (`al-7k3q9xwd`): its start cannot be told yet',
      'Held now:',
      `• <@U0BOB0001>: 2 on \`gpu-01\`, until ${LATER} (\`al-2222bbbb\`)`,
      '• you: 1 on `gpu-01`, nobody knows until when (`al-4444dddd`)',
      '',
      '*`h200`*: nobody waits.',
      'Nobody holds any of it.',
      '',
      '*`cpu`*: 1 request waits:',
      `1. you, a CPU container for 6 h (\`al-7k3q9xwd\`): earliest start ${LATER} on \`gpu-01\``,
    ]);
  });

  it('says so when nobody waits anywhere', () => {
    const message = queueMessage([], BERLIN, 'U0ADA0001');
    expectRight(message);
    expect(message.text).toBe('Nobody waits, and nobody holds a GPU. `/gpu status` shows what is free.');
  });

  it('stays within Slack’s limits, says how many more there are, and shows the reader their own', () => {
    const line = Array.from({ length: 300 }, (_, index) => ({
      ...waiting,
      holder: index === 250 ? 'U0ADA0001' : 'U0BOB0001',
      position: index + 1,
    }));
    const long = { pool: 'a100', waiting: line, held: Array.from({ length: 300 }, () => held) };
    const one = queueMessage([long], BERLIN, 'U0ADA0001');
    expectRight(one);
    expect(one.text).toContain('251. you, ');
    expect(one.text).toContain('and 289 more who wait');
    expect(JSON.stringify(one.blocks)).toContain('and 290 more who hold some');
    const all = queueMessage(
      Array.from({ length: 100 }, () => long),
      BERLIN,
      'U0BOB0001',
    );
    expectRight(all);
    expect(all.text).toMatch(/\nand \d+ more lines; `\/gpu queue` with the name of a pool shows that pool alone$/);
    expect(JSON.stringify(all.blocks)).toMatch(/and \d+ more lines; /);
  });
});

describe('the grid', () => {
  const device = (index: number, condition: DeviceView['condition'], host = 'gpu-01'): DeviceView => ({
    host,
    index,
    condition,
    holder: condition === 'leased' ? 'U0ADA0001' : null,
    leaseEndsAt: condition === 'leased' ? later : null,
  });

  it('has a line for each host, with neighbours in the same condition together', () => {
    const devices = [
      device(5, 'unreachable'),
      device(0, 'free'),
      device(1, 'free'),
      device(2, 'leased'),
      device(3, 'occupied'),
      device(6, 'free'),
      device(0, 'free', 'gpu-00'),
      device(2, 'free', 'gpu-00'),
      device(4, 'unreachable'),
      { ...device(7, 'leased'), leaseEndsAt: null },
      device(8, 'suspect'),
      device(9, 'draining'),
      device(10, 'observed'),
    ];
    expect(gridLines('a100', devices, BERLIN)).toEqual([
      '`gpu-00`: GPU 0 free · 2 free',
      `\`gpu-01\`: GPU 0–1 free · 2 <@U0ADA0001> until ${LATER} · 3 used outside Berth · 4–5 not reachable · 6 free · 7 <@U0ADA0001> · 8 not known to be free · 9 draining, takes nothing new · 10 observed, starts nothing yet`,
    ]);
    expect(gridLines('a100', [], BERLIN)).toEqual([]);
  });

  it('counts the slices of a card, which share its index', () => {
    const devices = [device(0, 'free'), device(0, 'free'), device(0, 'leased'), device(1, 'free'), device(1, 'free')];
    expect(gridLines('mig', devices, BERLIN)).toEqual([
      `\`gpu-01\`: GPU 0 (2 slices) free · 0 <@U0ADA0001> until ${LATER} · 1 (2 slices) free`,
    ]);
  });

  it('fits into a section: 20 hosts at most, and without the ends of leases before hosts are left out', () => {
    const hosts = (count: number, per: number) =>
      Array.from({ length: count * per }, (_, index) => ({
        ...device(index % per, 'leased', `gpu-${String(Math.floor(index / per)).padStart(3, '0')}`),
        leaseEndsAt: plusSeconds(later, index),
      }));
    const few = gridLines('a100', hosts(2, 8), BERLIN);
    expect(few.join()).toContain('until');
    const many = gridLines('a100', hosts(12, 8), BERLIN);
    expect(many).toHaveLength(12);
    expect(many.join()).not.toContain('until');
    const most = gridLines('a100', hosts(500, 1), BERLIN);
    expect(most).toHaveLength(21);
    expect(most.at(-1)).toBe('and 480 more hosts with `a100`');
    const wide = gridLines(
      'a100',
      hosts(30, 64).map((one, index) => ({ ...one, holder: `U0ADA${String(index).padStart(4, '0')}` })),
      BERLIN,
    );
    expect(wide[0]).toMatch(/ · and \d+ more$/);
    for (const lines of [few, many, most, wide]) expect(lines.join('\n').length).toBeLessThan(3000);
  });
});

it('names that are not ours come out harmless and within the limits', () => {
  const source = { layer: 'override', until: null, by: `host:${EVIL}`, reason: `${EVIL}${'&'.repeat(500)}` } as const;
  const evil: Limit = { value: 1000, source };
  const evilLimits: Limits = { gpus: evil, gpusPerRequest: evil, cpuContainers: evil, maxDuration: evil, gpuHours: evil };
  const view = quota();
  const member = view.member === null ? null : { ...view.member, limits: evilLimits };
  const team = view.team === null ? null : { ...view.team, name: EVIL };
  const messages = [
    quotaMessage({ ...view, member, team }, BERLIN, 'U0ADA0001'),
    whyMessage(
      why({
        pool: '<!channel>',
        team: EVIL,
        history: [
          {
            event: 'place',
            at,
            actor: 'scheduler',
            reason: null,
            place: { host: EVIL, devices: Array.from({ length: 40 }, () => EVIL), because: null },
          },
          { event: 'deny', at, actor: 'member:U0PAT0001', reason: EVIL, place: null },
          { event: 'failed', at, actor: `host:${EVIL}`, reason: EVIL, place: null },
        ],
        entries: [{ account: `team:${EVIL}`, kind: 'hold', amount: GPU_HOUR, at, reason: EVIL }],
        waiting: { ...waiting, host: EVIL, waitsFor: [EVIL] },
      }),
      BERLIN,
    ),
    queueMessage([{ pool: '<!channel>', waiting: [{ ...waiting, host: EVIL }], held: [{ ...held, host: EVIL }] }], BERLIN, 'U0ADA0001'),
  ];
  for (const message of messages) {
    expectRight(message);
    expect(message.text + JSON.stringify(message.blocks)).not.toMatch(/<!channel|<@U0EVE|`rm`/);
  }
  const device = { host: EVIL, index: 0, condition: 'free', holder: null, leaseEndsAt: null } as const;
  expect(gridLines(EVIL, [device], BERLIN)).toEqual(["`&lt;!channel&gt; 'rm' &amp; &lt;@U0EVE0001&gt;`: GPU 0 free"]);
});
