// What can be typed, and what was not understood.
import { CPU_POOL } from '../../domain/policy.ts';
import { ADMIN_EXAMPLES } from './admin.ts';
import { code, requestExample } from './common.ts';

/** `pool`, here and below: one that exists, for the examples. */
export function help(pool: string): string {
  return [
    '*What I understand* (here with `/gpu`, or by direct message without it)',
    `${requestExample(pool, 'for 6h -- fine-tune')} — ask for GPUs; \`until fri 18:00\` and \`tonight\` work too`,
    ...COMMANDS,
  ].join('\n');
}

const COMMANDS = [
  '`/gpu request` — the same in a window that says beforehand what would come of it',
  '`/gpu status` — what is free, and what is yours',
  '`/gpu mine` — your containers and requests',
  '`/gpu images` — the images you can ask for, with what they need',
  '`/gpu queue [pool]` — who waits for what, and until when GPUs are held',
  '`/gpu quota [@member or team]` — limits, where they come from, and what is used and left',
  '`/gpu why al-…` — how that request was decided, and what it has cost',
  '`/gpu again [id]` — ask for the same once more: the last one, or the one you name',
  '`/gpu extend [id] 4h` — keep a container longer; `until fri 18:00` works too',
  '`/gpu release [id]` — give a container back; files in `/workspace` are kept',
  '`/gpu cancel [id]` — withdraw a request that still waits',
  '`/gpu approvals` — for approvers: what waits for an answer; `hand @name until fri` and `back` while you are away',
  '`/gpu help` — this list',
  `for admins: ${ADMIN_EXAMPLES.map((example) => `\`${example}\``).join(', ')}`,
];

export function emptyRequest(pool: string): string {
  const examples = [
    requestExample(pool),
    requestExample(pool, 'until fri 18:00 -- evaluation'),
    requestExample(CPU_POOL, 'tonight -- data cleaning'),
  ];
  return ['*How to ask for GPUs*, for example:', ...examples.map((example) => `• ${example}`)].join('\n');
}

export function unknownCommand(word: string, nearest: string | null, pool: string): string {
  const meant = nearest === null ? '`/gpu help` lists what I know.' : `Did you mean \`/gpu ${nearest}\`?`;
  return `I do not know ${code(word, 60)}. ${meant} Example: ${requestExample(pool)}`;
}

export const ONLY_FILES = 'I read words, not files, so I did nothing with that. `/gpu help` lists what I understand.';

export const NOT_OPENED =
  'Slack did not open the window in time, so nothing was done. Please try again; what you can do there you can also type: `/gpu help` lists it.';

export const OUTAGE =
  'I cannot reach my database right now, so I could not note this down. Please try again in a minute. Should it have got through after all, I will tell you by direct message.';

export function incidentWords(incident: string): string {
  return `Something went wrong on my side; it is noted as ${code(incident)}. If you asked for something and it was noted in time, the answer comes by direct message; otherwise please try again, and tell an admin that number if it happens again.`;
}

export const POSTPONED =
  'Many people are asking at once. I have noted this and will do it within a minute; the answer comes by direct message.';
