// Row A9: a whole story at LOG_LEVEL debug with a canary in every secret and in all that is not kept; then everything written is searched.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { people } from '../support/policy.ts';
import { CHANNEL, startStory, type Story, type StoryOptions } from '../support/story.ts';
import { commandBody, dump, send, sendSigned } from './support.ts';

const { ada, bob, pat } = people;
/** What is typed and not kept, each with its own mark. */
const typed = [
  'canaryunknown and more',
  'request canaryunparsable words',
  'request 1 a100 for canaryduration',
  'request 1 a100 for 2h image canaryimage -- canaryrefusedpurpose',
  'release canaryrelease',
  'cancel canarycancel',
  'help canaryhelp',
  'mine xoxb-canarytoken',
];
const KEPT = 'kept-by-design';

describe.each<StoryOptions['transport']>(['http', 'socket'])('over %s', (transport) => {
  let story: Story;
  const lines: string[] = [];
  let canaries: string[] = [];

  beforeAll(async () => {
    const log = createLog('story', 'debug', { write: (line) => lines.push(line) });
    story = await startStory({ transport: transport ?? 'http', log });
    const { slack } = story;
    await story.startHost({ name: 'gpu-01', gpus: 1 });
    await story.until(async () => (await story.gpu(ada, 'status')).includes('1 of 1'), 'a GPU');
    for (const text of typed) {
      await story.gpu(ada, text);
      await slack.say(ada, slack.dm(ada), `${text} canarydm`);
    }
    await slack.say(ada, slack.dm(ada), 'thanks, my password is canarypassword');
    await story.gpu(ada, `request 1 a100 for 2h -- ${KEPT}`);
    await story.sees(pat, CHANNEL, /asks for/);
    await story.press(bob, CHANNEL, 'approve');
    await story.press(pat, CHANNEL, 'approve');
    await story.sees(ada, slack.dm(ada), /Your container runs/);
    await faults(story, transport === 'http');
    await story.press(ada, slack.dm(ada), 'release');
    await story.sees(pat, CHANNEL, /Ended .*released/);
    canaries = ['canary', slack.botToken, slack.appToken, slack.signingSecret, ...sentSecrets(story)];
  });
  afterAll(async () => story.end());

  it('has secrets to look for, and keeps what it should', async () => {
    expect(new Set(canaries.filter((canary) => canary.length >= 6)).size).toBeGreaterThan(20);
    expect(lines.length).toBeGreaterThan(5);
    expect(await dump(story)).toContain(KEPT);
  });

  it('writes none of them into the ledger', async () => {
    const text = await dump(story);
    expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
  });

  it('writes none of them into its log, not even when Slack fails', () => {
    const text = lines.join('');
    expect(text).toMatch(/users\.info failed/);
    expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
  });

  it('leaves none of them in the data directory, nor in the database’s own files', async () => {
    await story.ledger.reads.execute(sql`checkpoint`);
    const cluster = new URL(inject('clusterUrl')).searchParams.get('host') ?? '';
    // The policy file and nothing else of ours names people; what was never sent to PostgreSQL cannot be in its files or its log.
    const found = [story.directory, join(cluster, '..')].flatMap(filesBelow).filter((file) => holdsAny(file, canaries));
    expect(found).toEqual([]);
  });
});

/** Slack failing in ways whose errors carry requests with them, and answers that cannot be given. */
async function faults(story: Story, overHttp: boolean): Promise<void> {
  const { slack } = story;
  const fresh = slack.addMember({ name: 'newcomer' }).id;
  slack.joinChannel(CHANNEL, fresh);
  for (const fault of [{ status: 500 }, { error: 'invalid_auth' }, 'reset', { status: 429, retryAfter: 1 }] as const) {
    slack.fail.next('users.info', fault);
    await story.gpu(fresh, 'request 1 a100 for 2h -- canarynotadmitted');
  }
  slack.fail.next('chat.postMessage', 'reset');
  await slack.say(ada, slack.dm(ada), 'help canaryhelp');
  if (!overHttp) return;
  const response_url = `${slack.origin}/response/canaryresponse`;
  await sendSigned(story, { body: commandBody(story, ada, 'release al-zzzzzzzz', { response_url }) });
  await sendSigned(story, { body: commandBody(story, ada, 'status', { token: 'canaryverification' }), secret: 'wrong' });
  const headers = { authorization: 'Bearer canarybearer', 'x-slack-signature': 'v0=canarysignature', 'x-slack-request-timestamp': 'x' };
  await send(story.origins[0]?.slack ?? '', { method: 'POST', path: '/slack/events?canaryquery', headers, body: 'canarybody' });
}

/** Response URLs and verification tokens of every delivery. */
function sentSecrets({ slack }: Story): string[] {
  const values = slack.deliveries.flatMap(({ payload }) => [payload['response_url'], payload['token']]);
  return [...new Set(values)].flatMap((value) => (typeof value === 'string' && value !== '' ? [value.split('/').at(-1) ?? value] : []));
}

/** Beside it databases of other tests come and go meanwhile. */
function filesBelow(directory: string): string[] {
  const entries = unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

function unlessGone<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function holdsAny(file: string, canaries: readonly string[]): boolean {
  const bytes = unlessGone(() => readFileSync(file));
  return canaries.some((canary) => bytes?.includes(canary) === true);
}
