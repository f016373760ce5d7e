// Row A8, requests: only what Slack signed a moment ago counts, once; whatever else comes to the listener changes nothing.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/app/deliver.ts';
import { rerunInbox } from '../../src/app/rerun-inbox.ts';
import { plusSeconds } from '../../src/domain/time.ts';
import { people, testPolicy } from '../support/policy.ts';
import { startStory, type Story } from '../support/story.ts';
import { changesNothing, commandBody, FORM, outcomes, picture, send, sendSigned, type Signed } from './support.ts';

const { ada } = people;
const ASK = 'request 1 a100 for 1h';

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: testPolicy({ quota: { gpus: 50, gpusPerRequest: 2, cpuContainers: 2 } }) });
  await story.startHost({ name: 'gpu-01', gpus: 1 });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('1 of 1'), 'a GPU');
});
afterAll(async () => story.end());

async function statusOf(request: Signed): Promise<number | 'cut'> {
  return (await sendSigned(story, request)).status;
}

/** A request that would create something if it counted. */
function ask(): string {
  return commandBody(story, ada, ASK);
}

async function requested(): Promise<number> {
  return (await picture(story)).filter((row) => row.startsWith('allocations')).length;
}

describe('a request to Slack’s listener', () => {
  it('counts when it is signed and fresh, by clocks that differ a little', async () => {
    for (const ahead of [-290, 50]) {
      const before = await requested();
      expect(await statusOf({ body: ask(), ahead })).toBe(200);
      await story.until(async () => (await requested()) === before + 1, 'the request');
    }
  });

  it('is refused when it is old, or from the future', async () => {
    await changesNothing(story, async () => {
      for (const ahead of [-310, -86_400, 70, 3600, 1e12]) expect(await statusOf({ body: ask(), ahead })).toBe(401);
    });
  });

  it('is refused when its signature is forged, of another version, or missing', async () => {
    const forged = [
      { secret: 'not the secret' },
      { headers: { 'x-slack-signature': 'v0=00' } },
      { headers: { 'x-slack-signature': `v1=${'0'.repeat(64)}` } },
      { headers: { 'x-slack-signature': '' } },
      { headers: { 'x-slack-request-timestamp': 'NaN' } },
      { headers: { 'x-slack-request-timestamp': 'Infinity' } },
      { headers: { 'x-slack-request-timestamp': '' } },
    ];
    await changesNothing(story, async () => {
      for (const each of forged) expect(await statusOf({ body: ask(), ...each })).toBe(401);
      const bare = { method: 'POST', path: '/slack/events', headers: { 'content-type': FORM }, body: ask() };
      expect((await send(story.origins[0]?.slack ?? '', bare)).status).toBe(401);
    });
  });

  it('carries nothing behind Slack’s unsigned check of the connection', async () => {
    await changesNothing(story, async () => {
      expect(await statusOf({ body: `ssl_check=1&${ask()}`, secret: 'not the secret' })).toBe(200);
    });
  });

  it('is refused when it is not what its content type says', async () => {
    const odd: Signed[] = [
      { body: ask(), type: `${FORM}; charset=utf-8` },
      { body: ask(), type: 'application/json' },
      { body: ask(), type: 'text/plain' },
      { body: '', type: 'application/json' },
      { body: '{', type: 'application/json' },
      { body: 'null', type: 'application/json' },
      { body: '[]', type: 'application/json' },
      { body: '"text"', type: 'application/json' },
      { body: '7', type: 'application/json' },
      { body: 'payload=%7B' },
      { body: 'payload=null' },
      { body: 'payload=%22x%22' },
    ];
    await changesNothing(story, async () => {
      for (const each of odd) expect([each.body, await statusOf(each)]).toEqual([each.body, 400]);
    });
  });

  it('is refused for its size before its signature is looked at', async () => {
    const body = `text=${'x'.repeat(2 * 1024 * 1024)}`;
    await changesNothing(story, async () => {
      expect([413, 'cut']).toContain(await statusOf({ body, secret: 'not the secret' }));
      const chunked = { 'transfer-encoding': 'chunked' };
      expect([413, 'cut']).toContain(await statusOf({ body, secret: 'not the secret', headers: chunked }));
    });
  });

  it('has one path and one method', async () => {
    const slack = story.origins[0]?.slack ?? '';
    expect((await send(slack, { path: '/slack/events' })).status).toBe(405);
    expect((await send(slack, { method: 'PUT', path: '/slack/events' })).status).toBe(405);
    for (const path of ['/', '/slack', '/slack/events/', '/slack/install', '//slack/events', '/slack/events%2f', '*'])
      expect([path, (await send(slack, { method: 'POST', path, body: ask() })).status]).toEqual([path, 404]);
  });

  it('changes nothing when it is sent again', async () => {
    const before = await requested();
    await story.gpu(ada, ASK);
    expect(await requested()).toBe(before + 1);
    await changesNothing(story, async () => {
      for (const how of ['copy', 'retry'] as const) expect((await story.slack.resend({ how })).outcome).toBe('acked');
    });
    await story.slack.say(ada, story.slack.dm(ada), ASK);
    await story.until(async () => (await requested()) === before + 2, 'the request by direct message');
    await story.until(async () => (await outcomes(story, ada)).length === (await requested()), 'its outcome');
    await changesNothing(story, async () => {
      for (const retryNum of [1, 2, 3]) expect((await story.slack.resend({ retryNum })).outcome).toBe('acked');
    });
  });
});

describe('an answer', () => {
  let stranger: Server;
  const heard: string[] = [];
  beforeAll(async () => {
    stranger = createServer((request, response) => {
      heard.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => new Promise((resolve) => stranger.close(resolve)));

  it('never goes to an address that is not Slack’s, and comes by direct message instead', async () => {
    const before = await requested();
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/collect`;
    const addresses = [url, `${url}#${story.slack.origin}`, url.replace('http://', 'http://hooks.slack.com@')];
    for (const response_url of addresses)
      expect(await statusOf({ body: commandBody(story, ada, 'release al-zzzzzzzz', { response_url }) })).toBe(200);
    expect(await statusOf({ body: commandBody(story, ada, ASK, { response_url: url }) })).toBe(200);
    await story.until(async () => (await requested()) === before + 1, 'the request to count all the same');
    const done = async () => (await story.ledger.reads.query.inbox.findMany()).every(({ doneAt }) => doneAt !== null);
    await story.until(done, 'all to be done');

    const [bot] = story.bots;
    if (bot === undefined) throw new Error('no bot');
    const aMinuteLater = { ...bot.app, clock: { now: () => plusSeconds(story.clock.now(), 60) } };
    expect(await rerunInbox(aMinuteLater)).toBeGreaterThanOrEqual(addresses.length + 1);
    await deliver(aMinuteLater);
    const told = story.screen(ada, story.slack.dm(ada)).filter((words) => words.includes('al-zzzzzzzz'));
    expect(told).toHaveLength(addresses.length);
    expect(heard).toEqual([]);
  });
});
