// Real deliveries of local Slack, taken before they reach an app, and sent by us: signed now, over kept connections, timed to the last byte.
import { createHmac } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalSlack } from '../src/local/slack/local-slack.ts';

export interface Catcher {
  /** The body that Slack sends for `/gpu TEXT`. */
  command(user: string, channel: string, text: string): Promise<string>;
  close(): Promise<void>;
}

/** Stands where local Slack delivers to. */
export async function startCatcher(slack: LocalSlack): Promise<Catcher> {
  const caught: string[] = [];
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      caught.push(Buffer.concat(parts).toString('utf8'));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events` });
  return {
    command: async (user, channel, text) => {
      await slack.command(user, channel, '/gpu', text);
      const body = caught.pop();
      if (body === undefined) throw new Error('local Slack sent nothing');
      return body;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export interface Target {
  /** Sends them all at once; milliseconds from each request's start to the end of its answer. */
  burst(bodies: readonly string[]): Promise<number[]>;
  /** Sends them with at most `width` under way. */
  stream(bodies: readonly string[], width: number): Promise<number[]>;
  close(): void;
}

export function target(port: number, signingSecret: string, width: number): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: width });
  const send = async ({ body, headers }: Signed): Promise<number> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const options = { host: '127.0.0.1', port, path: '/slack/events', method: 'POST', headers, agent };
      const outgoing = request(options, (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => {
          const took = performance.now() - began;
          if (response.statusCode === 200) resolve(took);
          else reject(new Error(`the app answered ${response.statusCode}`));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return {
    burst: (bodies) => Promise.all(bodies.map((body) => sign(body, signingSecret)).map(send)),
    stream: async (bodies, under) => {
      const left = bodies.map((body) => sign(body, signingSecret));
      const took: number[] = [];
      const worker = async () => {
        for (let next = left.pop(); next !== undefined; next = left.pop()) took.push(await send(next));
      };
      await Promise.all(Array.from({ length: under }, worker));
      return took;
    },
    close: () => agent.destroy(),
  };
}

interface Signed {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function sign(body: string, secret: string): Signed {
  const stamp = Math.floor(Date.now() / 1000);
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
      'x-slack-request-timestamp': String(stamp),
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`,
    },
  };
}
