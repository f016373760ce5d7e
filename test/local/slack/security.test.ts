// Row A3: nobody without the key of this start, no other web page, no other name, nothing but this machine.
import { request } from 'node:http';
import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { systemClock } from '../../../src/domain/time.ts';
import { startLocalSlack, type LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, slackWithTwo } from './support.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** A request with exactly these headers, which fetch would not let us set. */
function send(slack: LocalSlack, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${slack.origin}${path}`,
      { method: body === undefined ? 'GET' : 'POST', headers, agent: false },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function enter(slack: LocalSlack): Promise<{ cookie: string }> {
  const { status, headers } = await send(slack, `/${new URL(slack.pageUrl).search}`);
  expect(status).toBe(303);
  expect(headers['location']).toBe('/');
  const cookie = String(headers['set-cookie']);
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  return { cookie: cookie.split(';')[0] ?? '' };
}

const json = { 'content-type': 'application/json' };

it('shows nothing without the key', async () => {
  const { slack } = await slackWithTwo();
  for (const path of ['/', '/page.js', '/style.css', '/page/view', '/page/changes', '/?key=wrong', '/archives/C1/p1234567890123456']) {
    expect((await send(slack, path)).status).toBe(403);
  }
  expect((await send(slack, '/page/command', json, '{}')).status).toBe(403);
  expect((await send(slack, '/', { cookie: `local_slack_${new URL(slack.origin).port}=wrong` })).status).toBe(403);
});

it('lets in with the key, under a policy that runs only our own script', async () => {
  const { slack } = await slackWithTwo();
  const { cookie } = await enter(slack);
  const { status, headers, body } = await send(slack, '/', { cookie });
  expect(status).toBe(200);
  expect(body).toContain('Local Slack — not Slack');
  expect(headers['content-security-policy']).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'",
  );
  expect((await send(slack, '/page/../../state.ts', { cookie })).status).toBe(404);
  expect((await send(slack, '/page/toString', { ...json, cookie }, `{"as":"${ADA}"}`)).status).toBe(404);
});

it('refuses other web pages: a foreign Origin or Host, also with the key and also on the Web API', async () => {
  const { slack, channel } = await slackWithTwo();
  const { cookie } = await enter(slack);
  const body = JSON.stringify({ as: ADA, channel, text: 'hello from elsewhere' });
  const good = { ...json, cookie };
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://localhost']) {
    expect((await send(slack, '/page/say', { ...good, origin }, body)).status).toBe(403);
  }
  const port = new URL(slack.origin).port;
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1.evil.example:${port}`]) {
    expect((await send(slack, '/page/say', { ...good, host }, body)).status).toBe(403);
    expect((await send(slack, '/api/auth.test', { host, authorization: `Bearer ${slack.botToken}` }, '')).status).toBe(403);
  }
  expect(
    (await send(slack, '/api/auth.test', { origin: 'http://evil.example', authorization: `Bearer ${slack.botToken}` }, '')).status,
  ).toBe(403);
  expect((await send(slack, '/page/say', { ...good, 'content-type': 'text/plain' }, body)).status).toBe(415);
  expect(slack.messagesSeenBy(ADA, channel)).toEqual([]);
  expect((await send(slack, '/page/say', { ...good, origin: slack.origin }, body)).status).toBe(200);
  expect((await send(slack, '/page/say', { ...good, host: `localhost:${port}` }, body)).status).toBe(200);
  expect(slack.messagesSeenBy(ADA, channel)).toHaveLength(2);
});

it('lets nobody act as the bot, as nobody, or where the member is not', async () => {
  const { slack } = await slackWithTwo();
  const { cookie } = await enter(slack);
  const headers = { ...json, cookie };
  const elsewhere = slack.addChannel({ name: 'board', members: [], private: true }).id;
  const say = async (as: string, channel: string) =>
    (await send(slack, '/page/say', headers, JSON.stringify({ as, channel, text: 'x' }))).status;
  expect(await say(slack.botUserId, slack.dm(ADA))).toBe(400);
  expect(await say('U0NONE', slack.dm(ADA))).toBe(400);
  expect(await say(ADA, elsewhere)).toBe(409);
  const view = await send(slack, `/page/view?as=${ADA}`, { cookie });
  expect(view.body).toContain('gpu-approvers');
  expect(view.body).not.toContain(elsewhere + '"');
});

it('opens a socket only with a ticket, once, and not for another web page', async () => {
  const { slack } = await slackWithTwo();
  const open = (url: string, headers: Record<string, string> = {}) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url, { headers });
      socket.on('message', (data) => {
        resolve(String((JSON.parse((data as Buffer).toString()) as { type: string }).type));
        socket.close();
      });
      socket.on('error', (error) => resolve(error.message));
    });
  const ticket = async (): Promise<string> => {
    const { body } = await send(slack, '/api/apps.connections.open', { authorization: `Bearer ${slack.appToken}` }, '');
    return (JSON.parse(body) as { url: string }).url;
  };
  const url = await ticket();
  expect(await open(url, { origin: 'http://evil.example' })).toContain('403');
  expect(await open(url)).toBe('hello');
  expect(await open(url)).toContain('403');
  expect(await open(`${slack.origin.replace('http', 'ws')}/link/`)).toContain('403');
});

it('reads no body over 1 MB', async () => {
  const { slack } = await slackWithTwo();
  const body = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
  const { status } = await send(slack, '/api/chat.postMessage', { ...json, authorization: `Bearer ${slack.botToken}` }, body).catch(() => ({
    status: 413,
  }));
  expect(status).toBe(413);
  expect(slack.apiCalls).toEqual([]);
});

it('listens on this machine only', async () => {
  await expect(startLocalSlack({ clock: systemClock, host: '0.0.0.0' })).rejects.toThrow('listens on this machine only');
});

it('makes new secrets at every start', async () => {
  const [{ slack: one }, { slack: two }] = [await slackWithTwo(), await slackWithTwo()];
  for (const secret of ['signingSecret', 'botToken', 'appToken'] as const) expect(one[secret]).not.toBe(two[secret]);
  expect(new URL(one.pageUrl).search).not.toBe(new URL(two.pageUrl).search);
});
