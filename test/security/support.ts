// What the attacks have in common: requests signed (or forged) by hand, raw connections, and pictures of the whole ledger.
import { createHmac } from 'node:crypto';
import { request, type RequestOptions } from 'node:http';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Story } from '../support/story.ts';

export interface Answer {
  /** `cut`: the connection was closed without an answer. */
  readonly status: number | 'cut';
  readonly body: string;
}

/** One request on a connection of its own, with exactly these headers. */
export function send(
  where: string | { readonly socketPath: string },
  {
    method = 'GET',
    path = '/',
    headers = {},
    body,
  }: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Answer> {
  const options: RequestOptions =
    typeof where === 'string' ? { host: new URL(where).hostname, port: new URL(where).port } : { socketPath: where.socketPath };
  return new Promise((resolve) => {
    const outgoing = request({ ...options, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', () => resolve({ status: response.statusCode ?? 'cut', body: text }));
      response.on('end', () => resolve({ status: response.statusCode ?? 'cut', body: text }));
    });
    outgoing.on('error', () => resolve({ status: 'cut', body: '' }));
    outgoing.end(body);
  });
}

export interface Signed {
  readonly body: string;
  readonly type?: string;
  /** Seconds that the stamp lies ahead of now. */
  readonly ahead?: number;
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

export const FORM = 'application/x-www-form-urlencoded';

/** A request as Slack would send it, signed with the right secret unless told otherwise. */
export async function sendSigned(story: Story, { body, type = FORM, ahead = 0, secret = story.slack.signingSecret, headers = {} }: Signed) {
  const stamp = String(Math.floor(Date.now() / 1000) + ahead);
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
  return send(story.origins[0]?.slack ?? '', {
    method: 'POST',
    path: '/slack/events',
    headers: { 'content-type': type, 'x-slack-request-timestamp': stamp, 'x-slack-signature': signature, ...headers },
    body,
  });
}

let triggers = 0;

/** Body of `/gpu TEXT` by this user; a new delivery each time. */
export function commandBody(story: Story, user: string, text: string, more: Record<string, string> = {}): string {
  return new URLSearchParams({
    team_id: story.slack.teamId,
    channel_id: 'C0APPROVE',
    user_id: user,
    command: '/gpu',
    text,
    response_url: `${story.slack.origin}/response/none`,
    trigger_id: `hand.${++triggers}`,
    ...more,
  }).toString();
}

/** The last click that was delivered, changed as an attacker would. */
export function clickBody(story: Story, change: (payload: Record<string, unknown>) => Record<string, unknown>): string {
  const last = story.slack.deliveries.findLast(({ kind }) => kind === 'interactive');
  return new URLSearchParams({ payload: JSON.stringify(change({ ...last?.payload })) }).toString();
}

async function rows(story: Story, query: string): Promise<string[]> {
  const found = await story.ledger.reads.execute<{ row: string }>(sql.raw(query));
  return found.map(({ row }) => row);
}

const decided = {
  members: 't::text',
  allocations: 't::text',
  events: 't::text',
  leases: 't::text',
  // Not when it was answered: that follows a little later.
  inbox: "concat_ws(' ', key, verb, slack_user, ask, outcome)",
} as const;
type Decided = keyof typeof decided;

/** Everything in the ledger that somebody's word can change; `except` leaves tables out. */
export async function picture(story: Story, except: readonly Decided[] = []): Promise<string[]> {
  const tables = Object.entries(decided).filter(([table]) => !except.includes(table as Decided));
  const all = await Promise.all(
    tables.map(([table, columns]) => rows(story, `select '${table} ' || ${columns} as row from ${table} t order by 1`)),
  );
  return all.flat();
}

/** Every row of every table as text. */
export async function dump(story: Story): Promise<string> {
  const tables = await rows(
    story,
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as row from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const all = await Promise.all(tables.map((table) => rows(story, `select '${table}' || t::text as row from ${table} t`)));
  return all.flat().join('\n');
}

/** Answers, kept in the inbox, to what this user asked. */
export async function outcomes(story: Story, user: string): Promise<string[]> {
  return rows(story, `select outcome::text as row from inbox where slack_user = '${user}' and outcome is not null order by received_at`);
}

/** Runs `attack` and expects that it changed nothing in the ledger. */
export async function changesNothing<T>(story: Story, attack: () => Promise<T>, except: Parameters<typeof picture>[1] = []): Promise<T> {
  const before = await picture(story, except);
  const result = await attack();
  expect(await picture(story, except)).toEqual(before);
  return result;
}

/** Does it, and returns the words of the first private answer in `channel` after it. */
export async function answerTo(story: Story, user: string, channel: string, act: () => Promise<unknown>): Promise<string> {
  const before = new Set(story.slack.messagesSeenBy(user, channel).map(({ ts }) => ts));
  await act();
  const seen = () => story.slack.messagesSeenBy(user, channel).find(({ ts, ephemeral }) => ephemeral && !before.has(ts));
  return (await story.slack.waitFor(seen, 5000, 'a private answer')).words;
}
