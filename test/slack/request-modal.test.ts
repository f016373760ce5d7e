// The window that asks for GPUs in every state: Slack would take it, and its words, as they are read.
import { describe, expect, it } from 'vitest';
import type { Foreseen, RequestPreview } from '../../src/domain/request-preview.ts';
import { HOUR, parseMoment, plusSeconds } from '../../src/domain/time.ts';
import { wordsOf } from '../../src/local/slack/block-reading.ts';
import type { Json } from '../../src/local/slack/state.ts';
import { checkView, isTooLarge } from '../../src/local/slack/view-rules.ts';
import { requestFields as ids } from '../../src/slack/ids.ts';
import { loadingModal, requestModal, usualForm, type FieldProblem, type RequestForm } from '../../src/slack/views/request-modal.ts';
import { withProblem, type SentView } from '../../src/slack/views/modal.ts';
import { lengthProblemWords, purposeProblemWords, countProblemWords } from '../../src/slack/words/request-modal.ts';

// A Tuesday evening.
const at = parseMoment('2026-11-24T21:00:00Z');
const zone = 'Europe/Berlin';
const byDefault = { layer: 'default' } as const;
type Granted = Extract<Foreseen, { kind: 'granted' }>;

const granted: Granted = {
  kind: 'granted',
  pool: 'a100',
  devices: 1,
  capacityMilli: 1000,
  cost: 4 * 3_600_000,
  durationSeconds: 4 * HOUR,
  until: null,
  place: { ahead: 0, startsAt: at },
  approval: null,
  part: null,
};
const two = { devices: 2, capacityMilli: 2000, cost: 8 * 3_600_000 };
const approval = { approvers: ['U0PAT0001', 'U0PIA0001'], opensAt: null, hours: undefined, lapsesAt: plusSeconds(at, 24 * HOUR) };
const hours = { zone: 'Europe/Berlin', from: '09:00', to: '17:00', weekdays: ['mon' as const] };

const preview = (foreseen: Foreseen | null, change: Partial<RequestPreview> = {}): RequestPreview => ({
  at,
  pools: [
    { name: 'a100', free: 3, total: 8 },
    { name: 'l4', free: 0, total: 0 },
    { name: 'cpu', free: 0, total: 0 },
  ],
  devicesMax: 8,
  images: ['pytorch', 'jax'],
  usual: { pool: 'a100', seconds: 4 * HOUR },
  gpus: { value: 4000, source: byDefault },
  gpuHours: { value: 100 * 3_600_000, source: { layer: 'team', team: 'vision' } },
  use: { heldMilli: 1000, silentMilli: 0, committed: 12 * 3_600_000 },
  team: null,
  period: 'week',
  refillsAt: parseMoment('2026-11-30T00:00:00Z'),
  foreseen,
  ...change,
});
const usual: RequestForm = usualForm(preview(granted));
const draw = (shown: RequestPreview, form: Partial<RequestForm> = {}, problems: readonly FieldProblem[] = []) =>
  requestModal(shown, { ...usual, ...form }, zone, problems);
/** What it says, as a phone shows it: dates in their fallback. */
const says = (view: ReturnType<typeof draw>) => wordsOf(view.blocks.at(-1) as unknown as Json).replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1');

const states: [string, ReturnType<typeof draw>][] = [
  ['loading', loadingModal()],
  ['starts now', draw(preview(granted))],
  ['for a person', draw(preview({ ...granted, ...two, approval }), { devices: '2' })],
  [
    'for a person, after work',
    draw(preview({ ...granted, ...two, approval: { ...approval, hours, opensAt: plusSeconds(at, 11 * HOUR) } })),
  ],
  ['in line', draw(preview({ ...granted, place: { ahead: 2, startsAt: plusSeconds(at, HOUR) } }))],
  [
    'in line until nobody knows when',
    draw(preview({ ...granted, ...two, approval: { ...approval, hours }, place: { ahead: 0, startsAt: null } })),
  ],
  [
    'until a fixed end, with a team',
    draw(
      preview(
        { ...granted, until: plusSeconds(at, HOUR) },
        {
          gpuHours: { value: null, source: byDefault },
          team: {
            name: 'vision',
            limits: { gpus: 8000, gpuHours: 500 * 3_600_000 },
            use: { heldMilli: 5000, silentMilli: 0, committed: 0 },
          },
        },
      ),
    ),
  ],
  ['cpu', draw(preview({ ...granted, pool: 'cpu', devices: 0, capacityMilli: 0, cost: 0 }), { pool: 'cpu' })],
  ['a part at once is offered', draw(preview({ ...granted, ...two, approval, part: 1 }))],
  ['a part at once is taken', draw(preview({ ...granted, ...two, approval, part: 1 }), { split: true })],
  [
    'refused',
    draw(
      preview({
        kind: 'refused',
        refusal: { code: 'duration_too_long', pool: 'a100', askedSeconds: 48 * HOUR, maxSeconds: 24 * HOUR, source: null },
      }),
    ),
  ],
  ['refused for something else', draw(preview({ kind: 'refused', refusal: { code: 'too_many_open', limit: 20, holding: [] } }))],
  [
    'not understood',
    draw(preview(null), { time: 'x' }, [
      { field: ids.time, words: lengthProblemWords({ code: 'not_understood', typed: 'x', nearest: null }, zone) },
    ]),
  ],
  ['anything in the fields', draw(preview(granted), { pool: '<!channel>', devices: 'x'.repeat(3000), length: 'until 1', image: '' })],
  [
    'as much as there can be',
    draw(
      preview(
        { ...granted, devices: 1000, part: 512, approval },
        {
          pools: Array.from({ length: 101 }, (_, index) => ({ name: `${'p'.repeat(38)}${index}`, free: 1000, total: 1024 })),
          devicesMax: 1024,
          images: Array.from({ length: 300 }, (_, index) => `image${index}`),
        },
      ),
      { split: true, pool: 'p', length: 'for 31536000' },
    ),
  ],
  ['without anything', draw(preview(null, { pools: [{ name: 'cpu', free: 0, total: 0 }], images: ['one'] }), { pool: null, length: null })],
];

describe('Slack would take it', () => {
  it.each(states)('%s', (_, view) => {
    expect(checkView(view, 'modal')).toEqual([]);
    expect(isTooLarge(view)).toBe(false);
    const refused = withProblem(
      { id: 'V1', hash: '1', submit: null, close: null, ...view } as unknown as SentView,
      'Too much.',
      ids.devices,
    );
    expect(checkView(refused, 'modal')).toEqual([]);
    expect(refused.blocks.filter((block) => block.block_id === 'problem')).toHaveLength(1);
  });
});

describe('it says', () => {
  it('what would come of it', () => {
    const words = Object.fromEntries(states.slice(1, 13).map(([name, view]) => [name, `[${view.submit?.text}]\n${says(view)}`]));
    expect(words).toMatchInlineSnapshot(`
      {
        "a part at once is offered": "[Ask for approval]
      *2 × a100* starts as soon as it is approved, as things are now.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 3 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 20 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Asked is <@U0PAT0001> or <@U0PIA0001>. Unanswered it lapses Wed 25 Nov, 22:00 (Europe/Berlin).
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "a part at once is taken": "[Start 1, ask for 1]
      *1 × a100* starts now, without an approval. *1 × a100* waits for one; these are two requests, and two containers.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 3 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 20 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Asked is <@U0PAT0001> or <@U0PIA0001>. Unanswered it lapses Wed 25 Nov, 22:00 (Europe/Berlin).
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "cpu": "[Start now]
      *a CPU container* starts now, without an approval.
      \`cpu\` needs no GPU.
      Your GPUs at once: 1 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Nobody has to approve it.
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "for a person": "[Ask for approval]
      *2 × a100* starts as soon as it is approved, as things are now.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 3 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 20 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Asked is <@U0PAT0001> or <@U0PIA0001>. Unanswered it lapses Wed 25 Nov, 22:00 (Europe/Berlin).
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "for a person, after work": "[Ask for approval]
      *2 × a100* starts as soon as it is approved, as things are now.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 3 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 20 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Asked is <@U0PAT0001> or <@U0PIA0001>. They answer 09:00 to 17:00 (Europe/Berlin), next from Wed 25 Nov, 09:00 (Europe/Berlin). Unanswered it lapses Wed 25 Nov, 22:00 (Europe/Berlin).
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "in line": "[Get in line]
      *1 × a100* would be in line behind 2; by the lease ends that are known it starts Tue 24 Nov, 23:00 (Europe/Berlin).
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 2 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 16 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Nobody has to approve it.
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "in line until nobody knows when": "[Ask for approval]
      *2 × a100* would be first in line, once approved; when it starts cannot be told from the lease ends that are known.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 3 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 20 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Asked is <@U0PAT0001> or <@U0PIA0001>. They answer 09:00 to 17:00 (Europe/Berlin), so now. Unanswered it lapses Wed 25 Nov, 22:00 (Europe/Berlin).
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "not understood": "[Send request]
      *Not understood yet.* Put right what is marked above, and I say here what would happen.
      Your GPUs at once: 1 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).",
        "refused": "[Send request]
      *As it stands I would refuse this*, for the reason above.
      Your GPUs at once: 1 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).",
        "refused for something else": "[Send request]
      *As it stands I would refuse this*, for the reason above.
      Your GPUs at once: 1 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).",
        "starts now": "[Start now]
      *1 × a100* starts now, without an approval.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 2 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 16 of 100 (team \`vision\`); filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Nobody has to approve it.
      Its 4 h begin when the container runs; started now, it would end Wed 25 Nov, 02:00 (Europe/Berlin).",
        "until a fixed end, with a team": "[Start now]
      *1 × a100* starts now, without an approval.
      Free now: 3 of 8 \`a100\`.
      Your GPUs at once: 1 → 2 of 4 (everybody’s limit).
      Your GPU-hours this week: 12 → 16, no limit.
      GPUs of \`vision\` at once: 5 → 6 of 8.
      GPU-hours of \`vision\` this week: 0 → 4 of 500; filled again Mon 30 Nov, 01:00 (Europe/Berlin).
      Nobody has to approve it.
      It ends Tue 24 Nov, 23:00 (Europe/Berlin), whenever it starts.",
      }
    `);
  });

  it('what is wrong below the field that it is about', () => {
    const places = Object.fromEntries(
      states.map(([name, { blocks }]) => {
        const place = blocks.findIndex((block) => block.block_id === 'problem');
        return [name, place < 0 ? null : (blocks[place - 1]?.block_id ?? 'on top')];
      }),
    );
    expect(places).toMatchObject({
      refused: ids.length,
      'refused for something else': 'on top',
      'not understood': ids.time,
      'starts now': null,
    });
  });

  it('what is on its fields', () => {
    expect(wordsOf(draw(preview({ ...granted, ...two, approval, part: 1 })).blocks.slice(0, -2) as unknown as Json)).toMatchInlineSnapshot(`
      "Pool
      a100: 3 of 8 free
      l4: no host offers it
      cpu: a container without a GPU
      a100: 3 of 8 free
      How many GPUs
      1
      2
      3
      4
      5
      6
      7
      8
      1
      For how long
      1 h
      4 h
      8 h
      1 day
      Tonight, until Wed 25 Nov, 08:00
      Until Friday evening, Fri 27 Nov, 18:00
      4 h
      Or type how long, or until when
      For example 90m, 2 days, tonight or fri 18:00; press Enter to see what comes of it. It counts instead of the choice above.
      Image
      pytorch
      jax
      pytorch
      Sooner
      Start 1 now without an approval, and ask for the other 1
      What for
      Whoever approves it reads this."
    `);
  });

  it('what would be accepted', () => {
    const problems = [
      { code: 'not_understood', typed: 'fridya', nearest: 'friday' },
      { code: 'bad_duration', typed: '0h' },
      { code: 'time_in_past', typed: 'yesterday', until: at },
      { code: 'bad_time', typed: '5/6', reason: 'ambiguous_date' },
    ] as const;
    expect([...problems.map((problem) => lengthProblemWords(problem, 'UTC')), countProblemWords('-3', 8), purposeProblemWords(300, 200)])
      .toMatchInlineSnapshot(`
      [
        "I did not understand \`fridya\`. Did you mean \`friday\`? Write how long, such as \`6h\`, \`90m\` or \`2 days\`, or until when, such as \`fri 18:00\` or \`tonight\`.",
        "\`0h\` is no duration; write for example \`6h\`, \`90m\` or \`2 days\`.",
        "\`yesterday\` is <!date^1795554000^{date_short_pretty} {time}|Tue 24 Nov, 21:00 (UTC)>, which has passed. Write how long, such as \`6h\`, \`90m\` or \`2 days\`, or until when, such as \`fri 18:00\` or \`tonight\`.",
        "\`5/6\` could be two different days; write the month as a word, as in \`until 6 may 18:00\`.",
        "\`-3\` is no number of GPUs; choose from 1 to 8.",
        "This has 300 characters; I keep at most 200. Say it shorter, for example “fine-tune of run 12”.",
      ]
    `);
  });
});
