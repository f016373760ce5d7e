// What members and apps meet when something goes wrong: no ack, errors, Web API faults, duplicates, expired addresses.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MINUTE } from '../../../src/domain/time.ts';
import type { LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, BEN, boltOverHttp, boltOverSocket, movableClock, signal, slackWithTwo } from './support.ts';

const client = (slack: LocalSlack, timeout = 10_000) =>
  new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout });

/** An app that answers every delivery with this status, recording headers and body. */
async function plainApp(slack: LocalSlack, status: number) {
  const requests: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events` });
  return requests;
}

describe('an app that does not ack', () => {
  it.each([
    ['HTTP', boltOverHttp],
    ['Socket Mode', boltOverSocket],
  ])('over %s: the member reads operation_timeout, others nothing', async (_way, connect) => {
    const { slack, channel } = await slackWithTwo({ ackDeadlineMs: 25 });
    const late = signal<void>();
    await connect(slack, (app) => {
      app.command('/gpu', () => late.reached);
    });
    const { outcome, message } = await slack.command(ADA, channel, '/gpu', 'status');
    expect(outcome).toBe('operation_timeout');
    expect(message).toMatchObject({ text: '/gpu failed with the error "operation_timeout"', authorName: 'slackbot', ephemeral: true });
    expect(slack.messagesSeenBy(BEN, channel)).toEqual([]);
    late.reach();
  });

  it.each([404, 500])('answers %i: the member reads dispatch_failed', async (status) => {
    const { slack, channel } = await slackWithTwo();
    await plainApp(slack, status);
    expect(await slack.command(ADA, channel, '/gpu', '')).toMatchObject({ outcome: 'dispatch_failed', status });
  });

  it('is not there at all: dispatch_failed, over HTTP, over Socket Mode and before any connection', async () => {
    const { slack, channel } = await slackWithTwo();
    expect((await slack.command(ADA, channel, '/gpu', '')).outcome).toBe('dispatch_failed');
    slack.deliverTo({ kind: 'socket' });
    expect((await slack.command(ADA, channel, '/gpu', '')).outcome).toBe('dispatch_failed');
    slack.deliverTo({ kind: 'http', url: 'http://127.0.0.1:1/' });
    const { message } = await slack.command(ADA, channel, '/gpu', '');
    expect(message?.text).toBe('/gpu failed with the error "dispatch_failed"');
  });

  it('sends blocks that Slack would refuse: the member reads that too', async () => {
    const { slack, channel } = await slackWithTwo();
    await boltOverHttp(slack, (app) => {
      app.command('/gpu', async ({ ack }) =>
        ack({ text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }),
      );
    });
    const { message } = await slack.command(ADA, channel, '/gpu', '');
    expect(message?.text).toContain('invalid_command_response');
  });
});

describe('requests to the app', () => {
  it('are refused by Bolt when signed with another secret or too old', async () => {
    const { slack, channel } = await slackWithTwo();
    await boltOverHttp(slack, (app) => {
      app.command('/gpu', async ({ ack }) => ack());
    });
    await slack.command(ADA, channel, '/gpu', '');
    expect(await slack.resend()).toMatchObject({ outcome: 'acked' });
    expect(await slack.resend({ signingSecret: 'f'.repeat(32) })).toMatchObject({ outcome: 'failed', status: 401 });
    expect(await slack.resend({ stampOffsetSeconds: -6 * MINUTE })).toMatchObject({ outcome: 'failed', status: 401 });
  });

  it('carry exactly the content types that Slack sends, and retry headers on events sent again', async () => {
    const { slack, channel } = await slackWithTwo();
    const requests = await plainApp(slack, 200);
    await slack.command(ADA, channel, '/gpu', 'x');
    await slack.say(ADA, slack.dm(ADA), 'hello');
    await slack.resend({ retryNum: 2, retryReason: 'http_timeout' });
    const [command, event, again] = requests;
    expect(command?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(command?.body))).toMatchObject({
      is_enterprise_install: 'false',
      command: '/gpu',
      text: 'x',
    });
    expect(event?.headers['content-type']).toBe('application/json');
    expect(event?.headers['x-slack-retry-num']).toBeUndefined();
    expect(again?.headers).toMatchObject({ 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' });
    expect(again?.body).toBe(event?.body);
    await slack.resend({ how: 'copy' });
    expect(requests[3]?.headers['x-slack-signature']).toBe(event?.headers['x-slack-signature']);
    expect(requests[3]?.body).toBe(event?.body);
  });

  it('reach the app twice with the same event_id or trigger_id, over Socket Mode too', async () => {
    const { slack, channel } = await slackWithTwo();
    const triggers: string[] = [];
    const events: unknown[] = [];
    const both = signal<void>();
    await boltOverSocket(slack, (app) => {
      app.command('/gpu', async ({ ack, body }) => {
        triggers.push(body.trigger_id);
        await ack();
      });
      app.event('message', async ({ body, context }) => {
        if (events.push([body.event_id, context.retryNum]) === 2) both.reach();
      });
    });
    await slack.command(ADA, channel, '/gpu', '');
    await slack.resend();
    expect(new Set(triggers).size).toBe(1);
    expect(triggers).toHaveLength(2);
    await slack.say(ADA, slack.dm(ADA), 'hi');
    await slack.resend();
    await both.reached;
    expect(events).toEqual([
      [slack.deliveries.at(-1)?.payload['event_id'], 0],
      [slack.deliveries.at(-1)?.payload['event_id'], 1],
    ]);
  });

  it('verify an events address: the app gives the challenge back', async () => {
    const { slack } = await slackWithTwo();
    await boltOverHttp(slack, () => undefined);
    expect(await slack.verifyUrl()).toBe(true);
    await plainApp(slack, 200);
    expect(await slack.verifyUrl()).toBe(false);
  });

  it('can be forged or late: a tampered value, a button of an earlier version, a confirm dialog declined', async () => {
    const { slack, channel } = await slackWithTwo();
    const values: unknown[] = [];
    await boltOverHttp(slack, (app) => {
      app.action('go', async ({ ack, action }) => {
        values.push('value' in action ? action.value : undefined);
        await ack();
      });
    });
    const plain = (text: string) => ({ type: 'plain_text' as const, text });
    const confirm = { title: plain('Sure?'), text: plain('It ends.'), confirm: plain('End it'), deny: plain('Keep') };
    const button = { type: 'button' as const, action_id: 'go', value: '1', text: plain('Go'), confirm };
    const { ts } = await client(slack).chat.postMessage({ channel, text: 'x', blocks: [{ type: 'actions', elements: [button] }] });
    const place = { channel, ts: ts ?? '' };
    expect(await slack.click(ADA, place, 'go', { confirm: false })).toMatchObject({
      outcome: 'cancelled',
      confirm: { title: { text: 'Sure?' } },
    });
    await slack.click(ADA, place, 'go');
    await slack.click(ADA, place, 'go', { tamper: { value: '999' } });
    await client(slack).chat.update({ channel, ts: place.ts, text: 'done', blocks: [] });
    await expect(slack.click(ADA, place, 'go')).rejects.toThrow('ada sees no button go there; buttons: none.');
    await slack.click(ADA, place, 'go', { stale: true });
    expect(values).toEqual(['1', '999', '1']);
  });
});

describe('Socket Mode', () => {
  it('reconnects when asked to, and commands work again', async () => {
    const { slack, channel } = await slackWithTwo();
    await boltOverSocket(slack, (app) => {
      app.command('/gpu', async ({ ack }) => ack('here'));
    });
    slack.sockets.refresh();
    await slack.waitFor(() => slack.sockets.connected() === 0);
    expect((await slack.command(ADA, channel, '/gpu', '')).outcome).toBe('dispatch_failed');
    await slack.waitFor(() => slack.sockets.connected() === 1);
    expect((await slack.command(ADA, channel, '/gpu', '')).message?.text).toBe('here');
  });
});

describe('the Web API on demand', () => {
  it('fails with errors, rate limits, time-outs and cut connections, with or without the effect', async () => {
    const { slack, channel } = await slackWithTwo();
    const web = client(slack, 500);
    const post = (text: string) => web.chat.postMessage({ channel, text });
    slack.fail.next('chat.postMessage', { error: 'fatal_error' });
    slack.fail.next('chat.postMessage', { status: 429, retryAfter: 3 });
    slack.fail.next('chat.postMessage', { status: 503 });
    slack.fail.next('chat.postMessage', 'timeout');
    slack.fail.next('chat.postMessage', 'reset');
    await expect(post('1')).rejects.toThrow('fatal_error');
    await expect(post('2')).rejects.toMatchObject({ retryAfter: 3 });
    await expect(post('3')).rejects.toThrow('503');
    await expect(post('4')).rejects.toThrow('timeout');
    await expect(post('5')).rejects.toThrow('fetch failed');
    expect(slack.messagesSeenBy(ADA, channel)).toEqual([]);
    slack.fail.next('*', 'reset-after');
    await expect(post('6')).rejects.toThrow('fetch failed');
    await post('7');
    expect(slack.messagesSeenBy(ADA, channel).map((each) => each.text)).toEqual(['6', '7']);
    expect(slack.apiCalls.map((call) => call.failure)).toEqual([
      'fatal_error',
      'http 429',
      'http 503',
      'timeout',
      'reset',
      'reset-after',
      undefined,
    ]);
  });

  it('expires a response_url after 30 minutes', async () => {
    const clock = movableClock();
    const { slack, channel } = await slackWithTwo({ clock });
    const got = signal<string>();
    await boltOverHttp(slack, (app) => {
      app.command('/gpu', async ({ ack, body }) => {
        await ack();
        got.reach(body.response_url);
      });
    });
    await slack.command(ADA, channel, '/gpu', '');
    const answer = async () => (await fetch(await got.reached, { method: 'POST', body: '{"text":"still there"}' })).text();
    clock.move(29 * MINUTE);
    expect(await answer()).toBe('ok');
    clock.move(2 * MINUTE);
    expect(await answer()).toBe('expired_url');
  });

  it('gives up waiting with what it waited for', async () => {
    const { slack } = await slackWithTwo();
    await expect(slack.waitFor(() => undefined, 5, 'a card')).rejects.toThrow('Waited 5 ms in vain for a card.');
  });
});
