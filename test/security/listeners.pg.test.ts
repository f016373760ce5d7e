// Row A11: three listeners that know nothing of each other, and that read neither much nor for long before they know who asks.
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server, ServerOptions } from 'node:http';
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgentsServer } from '../../src/http/agents.ts';
import { createMetricsServer } from '../../src/http/metrics.ts';
import { closeServer, listenOn } from '../../src/listen.ts';
import { createSlackReceiver } from '../../src/slack/receiver.ts';
import { people } from '../support/policy.ts';
import { CHANNEL, startStory, type Story } from '../support/story.ts';
import { changesNothing, send } from './support.ts';

const listeners = ['Slack', 'agents', 'metrics'] as const;
type Listener = (typeof listeners)[number];

/** Every path that some listener serves, with its method. */
const paths: readonly (readonly [Listener, string, string])[] = [
  ['Slack', 'POST', '/slack/events'],
  ['agents', 'POST', '/v1/hello'],
  ['agents', 'POST', '/v1/report'],
  ['agents', 'GET', '/v1/desired'],
  ['metrics', 'GET', '/metrics'],
  ['metrics', 'GET', '/healthz'],
  ['metrics', 'GET', '/readyz'],
];

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await story.startHost({ name: 'gpu-01', gpus: 1 });
  await story.until(async () => (await story.gpu(people.ada, 'status')).includes('1 of 1'), 'a GPU');
  await story.gpu(people.ada, 'request 1 a100 for 2h -- fine-tune');
  await story.sees(people.pat, CHANNEL, /asks for/);
});
afterAll(async () => story.end());

function at(listener: Listener) {
  const [origin] = story.origins;
  return { Slack: origin?.slack ?? '', agents: { socketPath: story.agentSockets[0] ?? '' }, metrics: origin?.metrics ?? '' }[listener];
}

describe.each(listeners)('the listener for %s', (listener) => {
  it.each(paths)('answers 404 to what is not its own: %s’ %s %s', async (owner, method, path) => {
    const { status } = await send(at(listener), { method, path });
    expect(status === 404).toBe(owner !== listener);
  });

  it('answers 404 to anything else, however it is written', async () => {
    for (const path of ['/', '//', '/..', '/v1', '/page/view', '/api/auth.test', '/metrics/', '/slack', '*', '/%', 'http://[', '/\\'])
      expect([path, (await send(at(listener), { path })).status]).toEqual([path, 404]);
  });

  it('cuts off or refuses ten megabytes, and changes nothing', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024, 'x');
    const own = paths.find(([owner, method]) => owner === listener && method === 'POST') ?? [listener, 'POST', '/metrics'];
    await changesNothing(story, async () => {
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as const) {
        const { status } = await send(at(listener), { method: 'POST', path: own[2], headers, body });
        expect([413, 404, 'cut']).toContain(status);
      }
    });
  });
});

it('publishes figures without anybody’s name or request', async () => {
  const { status, body } = await send(at('metrics'), { path: '/metrics' });
  expect(status).toBe(200);
  expect(body).toContain('berth_process_cpu_seconds_total');
  expect([...new Set(body.match(/(?<=[{,])\w+(?==")/g))].toSorted()).toEqual([
    'kind',
    'le',
    'major',
    'minor',
    'patch',
    'space',
    'type',
    'version',
  ]);
  for (const secret of [...Object.values(people), 'al-', 'fine-tune', 'gpu-01', CHANNEL, story.slack.teamId])
    expect(body.includes(secret)).toBe(false);
});

describe('a body that trickles in', () => {
  const quick: ServerOptions = { headersTimeout: 150, requestTimeout: 300, connectionsCheckingInterval: 50 };
  const app = () => {
    const [bot] = story.bots;
    if (bot === undefined) throw new Error('no bot');
    return bot.app;
  };
  const makers: Record<Listener, () => Server | null> = {
    Slack: () => {
      const transport = { kind: 'http', signingSecret: 'x' } as const;
      return createSlackReceiver({ apiUrl: undefined, transport }, app().log, () => 0, quick).server;
    },
    agents: () => createAgentsServer(app(), new AbortController().signal, quick),
    metrics: () => createMetricsServer(app(), quick),
  };

  it.each(listeners)('is cut off by the listener for %s, and so is an endless head', async (listener) => {
    const server = makers[listener]() ?? createServer();
    await listenOn(server, { kind: 'tcp', host: '127.0.0.1', port: 0 });
    const { port } = server.address() as AddressInfo;
    const path = paths.find(([owner]) => owner === listener)?.[2] ?? '/';
    const trickles = [`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx`, `POST ${path} HTTP/1.1\r\nHost: x\r\nX-A: `];
    const ended = trickles.map(
      (start) =>
        new Promise<number>((resolve) => {
          const began = performance.now();
          const socket = connect(port, '127.0.0.1');
          const more = setInterval(() => socket.write('x'), 20);
          socket.on('error', () => undefined);
          socket.on('close', () => {
            clearInterval(more);
            resolve(performance.now() - began);
          });
          socket.resume();
          socket.write(start);
        }),
    );
    for (const milliseconds of await Promise.all(ended)) expect(milliseconds).toBeLessThan(5000);
    await closeServer(server);
  });

  it('is cut off within seconds by the limits that are set when nothing is said', () => {
    const transport = { kind: 'http', signingSecret: 'x' } as const;
    const servers = [
      createSlackReceiver({ apiUrl: undefined, transport }, app().log, () => 0).server,
      createAgentsServer(app(), new AbortController().signal),
      createMetricsServer(app()),
    ];
    for (const server of servers) {
      expect(server).toMatchObject({ headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 });
    }
  });
});

describe('the agents’ socket', () => {
  it('lies where only the bot can enter, also when the directory was there before and open to all', async () => {
    const directory = join(story.directory, 'open');
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    const server = createServer();
    await listenOn(server, { kind: 'unix', path: join(directory, 'a.sock') });
    expect(lstatSync(directory).mode & 0o777).toBe(0o700);
    await closeServer(server);
  });

  it('is not opened where somebody else owns the directory, nor where another bot listens', async () => {
    await expect(listenOn(createServer(), { kind: 'unix', path: story.agentSockets[0] ?? '' })).rejects.toThrow(/another bot listens/);
    if (process.getuid?.() !== 0) return;
    const directory = join(story.directory, 'foreign');
    mkdirSync(directory, { mode: 0o700 });
    chownSync(directory, 65_534, 65_534);
    await expect(listenOn(createServer(), { kind: 'unix', path: join(directory, 'a.sock') })).rejects.toThrow(/belongs to uid 65534/);
  });
});
