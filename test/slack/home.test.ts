// App Home in its exact words; Slack would take it in every state, with names that are not ours, and however much there is to show.
import { describe, expect, it } from 'vitest';
import type { WaitingApproval } from '../../src/domain/approvals-list.ts';
import type { HomeTabView, MemberHome } from '../../src/domain/home-tab-view.ts';
import { isLegal, states, type Event } from '../../src/domain/lifecycle.ts';
import type { PoolStatus } from '../../src/domain/pool-status.ts';
import type { Limits } from '../../src/domain/quota.ts';
import type { QuotaView } from '../../src/domain/standing-views.ts';
import { buttonsOf, wordsOf } from '../../src/local/slack/block-reading.ts';
import type { Block } from '../../src/local/slack/state.ts';
import { checkView, isTooLarge } from '../../src/local/slack/view-rules.ts';
import { readButtonValue } from '../../src/slack/ids.ts';
import { homeTab } from '../../src/slack/views/home.ts';
import { at, later, view } from './samples.ts';

const zone = 'Europe/Berlin';
const ADA = 'U0ADA0001';
const AT = '<!date^1772442000^{date_short_pretty} {time}|Mon 2 Mar, 10:00 (Europe/Berlin)>';
const LATER = '<!date^1772463600^{date_short_pretty} {time}|Mon 2 Mar, 16:00 (Europe/Berlin)>';
const EVIL = '<!channel> `rm` & <@U0EVE0001>';

function pool(name: string, change: Partial<PoolStatus> = {}): PoolStatus {
  return {
    name,
    offered: true,
    free: 3,
    leased: 2,
    occupied: 1,
    suspect: 1,
    draining: 1,
    observed: 1,
    unreachable: 1,
    waiting: 2,
    devices: [],
    troubles: [],
    simulated: [],
    strangers: [],
    ...change,
  };
}

const byDefault = (value: number | null) => ({ value, source: { layer: 'default' } as const });
const limits: Limits = {
  gpus: byDefault(4000),
  gpusPerRequest: byDefault(2000),
  cpuContainers: byDefault(2),
  maxDuration: byDefault(172_800),
  gpuHours: byDefault(100 * 3_600_000),
};
const quota: QuotaView = {
  member: { user: ADA, limits, use: { heldMilli: 3000, silentMilli: 0, committed: 22.25 * 3_600_000 }, cpuContainers: 1, holding: [] },
  team: { name: 'vision', limits: { gpus: 16_000, gpuHours: null }, use: { heldMilli: 10_000, silentMilli: 0, committed: 0 } },
  period: 'week',
  refillsAt: later,
  policyVersion: 12,
};

const waits: WaitingApproval = {
  id: 'al-2222bbbb',
  kind: 'new',
  holder: 'U0BOB0001',
  pool: 'a100',
  devices: 2,
  seconds: 21_600,
  askedAt: at,
  lapsesAt: later,
  paused: false,
  channel: 'C0APPROVE',
};

function home(change: Partial<MemberHome> = {}): MemberHome {
  return { reader: ADA, zone, at, mine: [], pools: [pool('a100'), pool('cpu')], quota, approvals: null, ...change };
}

/** What is read on it, block by block. */
function right(shown: HomeTabView): string[] {
  const drawn = homeTab(shown);
  expect(checkView(drawn, 'home')).toEqual([]);
  expect(isTooLarge(drawn)).toBe(false);
  expect(JSON.stringify(drawn)).not.toMatch(/undefined|\bnull\b|NaN|\[object/);
  return drawn.blocks.map((block) => wordsOf([block as unknown as Block]));
}

const buttons = (shown: HomeTabView) => buttonsOf(homeTab(shown).blocks as unknown as Block[]);
const eventOf: Record<string, Event> = { cancel: 'cancel', extend: 'extend', release: 'retire' };

describe('a Home', () => {
  it('says what is mine, what waits for me, what is free and what is left', () => {
    expect(
      right(
        home({
          mine: [view('active', { history: [] }), view('queued', { id: 'al-3333cccc', pool: 'cpu', devices: 0 })],
          approvals: [waits],
        }),
      ),
    ).toEqual([
      'Ask for GPUs',
      '*Your containers and requests*',
      `\`al-7k3q9xwd\` *2 × a100 for 6 h*\nRunning on \`gpu-01\`, GPU 0 + 1 until ${LATER}.\nTo go in, on \`gpu-01\`: \`docker exec -it berth-al-7k3q9xwd sh\``,
      'Keep 4 h more\nRelease',
      expect.stringMatching(/^`al-3333cccc` \*a CPU container for 6 h\*\n/),
      'Cancel',
      '*One request waits for your answer*\nAnswer on the card, in the channel it names: it says what would come of it.',
      `• <@U0BOB0001> asks for 2 × a100 for 6 h (\`al-2222bbbb\`); its card is in <#C0APPROVE>; lapses ${LATER}`,
      '*3 of 10 GPUs are free*',
      '`a100`: 3 of 10 free (2 in use, 1 occupied outside Berth, 1 not known to be free, 1 draining, 1 only observed, 1 out of reach), 2 waiting',
      '`cpu`: containers without a GPU, 2 waiting',
      [
        '*Your quota* (version 12 of the policy)',
        'GPUs at once: 3 of 4 used (everybody’s limit).',
        'GPUs per request: at most 2 (everybody’s limit).',
        'Time per lease: at most 2 days (everybody’s limit).',
        `GPU-hours this week: 22.25 of 100 used or held (everybody’s limit); 77.75 left, filled again ${LATER}.`,
        'CPU containers: 1 of 2 used (everybody’s limit).',
      ].join('\n'),
      '*Team `vision`*, which pays, all members together\nGPUs at once: 10 of 16 used.\nGPU-hours this week: 0 used or held, no limit.',
      `As of ${AT}. What is yours and what waits for you is kept up to date; the numbers of free GPUs are those of that moment, and new ones come when you open this tab. \`/gpu status\` shows each GPU, \`/gpu help\` everything else.`,
    ]);
  });

  it('says that there is nothing, and to nobody but approvers that nothing waits', () => {
    expect(right(home())[1]).toBe('*Your containers and requests*\nYou have no container and no request.');
    expect(right(home()).join('\n')).not.toContain('Approvals');
    expect(right(home({ approvals: [] }))[2]).toBe('*Approvals*\nNothing waits for your answer.');
    expect(right(home({ pools: [] }))[2]).toBe('*No GPU is known yet: no host has reported.*');
  });

  it('names what waits for a pause, an extension and a card on its way', () => {
    const shown = right(home({ approvals: [waits, { ...waits, kind: 'extend', paused: true, channel: null }] }));
    expect(shown.slice(2, 5)).toEqual([
      '*2 requests wait for your answer*\nAnswer on the card, in the channel it names: it says what would come of it.',
      expect.stringContaining('asks for 2 × a100'),
      '• <@U0BOB0001> asks to keep 2 × a100 for 6 h more (`al-2222bbbb`); its card is on its way; waits for the requester’s answer to a question',
    ]);
  });

  it.each(states)('is right in the state %s, with the buttons that are legal then and carry id and version', (state) => {
    right(home({ mine: [view(state), view(state, { pool: 'cpu', devices: 0, leased: [], simulated: { engine: true, gpus: true } })] }));
    for (const { actionId, value } of buttons(home({ mine: [view(state)] })).filter(({ actionId: id }) => id !== 'open_request')) {
      expect(isLegal(eventOf[actionId] ?? 'approve', state)).toBe(true);
      expect(readButtonValue(value ?? '')).toEqual({ id: 'al-7k3q9xwd', version: 3 });
    }
  });

  it('has no button that answers a request', () => {
    const all = buttons(home({ mine: states.map((state) => view(state)), approvals: [waits] })).map(({ actionId }) => actionId);
    expect([...new Set(all)].toSorted()).toEqual(['cancel', 'extend', 'open_request', 'release']);
  });

  it('stays within Slack’s limits however much there is, and says how much is left out', () => {
    const many = home({
      mine: Array.from({ length: 40 }, () => view('active')),
      approvals: Array.from({ length: 40 }, () => waits),
      pools: Array.from({ length: 40 }, (_, index) =>
        pool(`pool-${index}`, { simulated: [{ host: `gpu-${index}`, engine: true, gpus: true }] }),
      ),
    });
    const shown = right(many);
    expect(shown).toContain('and 20 more, which come up here as these end');
    expect(shown).toContain('and 25 more; `/gpu approvals` lists them');
    expect(shown).toContain('and 20 more pools; `/gpu status` lists them');
    expect(shown.some((words) => words.startsWith('Simulated, not real:'))).toBe(true);
  });

  it('makes nothing of names that are not ours', () => {
    const shown = right(
      home({
        mine: [view('active', { pool: EVIL, image: EVIL, purpose: EVIL, host: EVIL, containerName: EVIL })],
        approvals: [{ ...waits, pool: EVIL }],
        pools: [pool(EVIL, { simulated: [{ host: EVIL, engine: true, gpus: false }] })],
        quota: { ...quota, team: { ...quota.team!, name: EVIL } },
      }),
    ).join('\n');
    expect(shown).not.toMatch(/<!channel>|<@U0EVE0001>/);
    expect(shown).not.toContain('docker exec');
  });

  it('says which part Slack keeps from being shown', () => {
    const shown = right(
      home({
        approvals: { refused: { code: 'approvers_unreadable', groups: ['S0APPROVE'] } },
        quota: { refused: { code: 'payer_unknown', team: 'vision' } },
      }),
    );
    expect(shown[2]).toMatch(/^Slack did not tell me who is in <!subteam\^S0APPROVE>/);
    expect(shown.at(-2)).toContain('`vision`');
  });

  it('of an outsider says why, and nothing else', () => {
    expect(right({ refused: { code: 'not_a_member', why: 'guest' } })).toEqual([expect.stringMatching(/^Guest accounts/)]);
    expect(buttons({ refused: { code: 'not_a_member', why: 'guest' } })).toEqual([]);
  });
});
