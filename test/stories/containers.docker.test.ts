// Scenarios 13 to 18 on a real Docker Engine, entered through Slack: what runs, the way in, and what happens when it goes wrong.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inNamespace, vanish } from '../support/docker-engine.ts';
import { IMAGES } from '../support/docker-images.ts';
import { startDockerStory, type DockerStory } from '../support/docker-story.ts';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, type StoryOptions } from '../support/story.ts';

const run = promisify(execFile);
const variants: readonly (readonly [string, StoryOptions])[] = [
  ['one bot', {}],
  ['two bot processes', { bots: 'two processes' }],
];
const policy = testPolicy({
  quota: { gpus: 4, gpusPerRequest: 2, cpuContainers: 2 },
  stopGraceSeconds: 4,
  images: [
    { name: 'test', reference: IMAGES.plain },
    { name: 'hungry', reference: IMAGES.hungry },
    { name: 'stubborn', reference: IMAGES.stubborn },
    { name: 'absent', reference: 'berth-absent:1' },
  ],
});

describe.each(variants)('containers with %s', (_, options) => {
  let story: DockerStory;
  beforeAll(async () => {
    story = await startDockerStory({ ...options, policy });
  });
  afterAll(async () => story.end());

  const newest = async (user: string = people.ada) => {
    const [row] = await story.ledger.reads.execute<{ id: string; state: string; container_name: string }>(sql`
      select a.id, a.state, a.container_name from allocations a join members m on m.id = a.member_id
      where m.slack_user = ${user} order by a.requested_at desc limit 1`);
    if (row === undefined) throw new Error('nothing was requested');
    return row;
  };
  const stateIs = (id: string, state: string) =>
    story.until(
      async () => {
        const [row] = await story.ledger.reads.execute<{ state: string }>(sql`select state from allocations where id = ${id}`);
        return row?.state === state;
      },
      `${id} to be ${state}; the agent says: ${story.agent.log().slice(-1500)}`,
      30_000,
    );
  const asked = async (text: string): Promise<string> => {
    await story.gpu(people.ada, text);
    const { id } = await newest();
    await story.sees(people.pat, CHANNEL, new RegExp(`asks for[\\s\\S]*${id}`));
    return id;
  };
  const approved = async (id: string) => {
    await story.press(people.pat, CHANNEL, 'approve');
    return id;
  };
  const running = async (text: string) => {
    const id = await approved(await asked(text));
    await stateIs(id, 'active');
    return id;
  };
  const released = async (id: string) => {
    await story.gpu(people.ada, `release ${id}`);
    await stateIs(id, 'retired');
  };
  const free = async () => /(\d) of 4 GPUs are free/.exec(await story.gpu(people.bob, 'status'))?.[1];
  const card = (id: string) =>
    story.slack.messagesSeenBy(people.pat, CHANNEL).find(({ words, ephemeral }) => !ephemeral && words.includes(id))?.words ?? '';
  const dm = () => story.slack.dm(people.ada);

  it('scenario 13: one container with exactly its two GPUs and limits; another sees none of them; the way in works', async () => {
    const id = await running('request 2 a100 for 1h -- thirteen');
    const found = await story.containers();
    expect(found).toHaveLength(1);
    const container = story.docker.getContainer(found[0]?.Id ?? '');
    const { HostConfig: host, Config: config } = await container.inspect();
    const leased = await story.ledger.reads.execute<{ device: string }>(
      sql`select device from leases where released_at is null order by device`,
    );
    expect(leased).toHaveLength(2);
    expect(host.DeviceRequests).toMatchObject([{ Driver: 'nvidia', DeviceIDs: leased.map(({ device }) => device) }]);
    expect(host).toMatchObject({
      Memory: 2 * 1024 ** 3,
      MemorySwap: 2 * 1024 ** 3,
      NanoCpus: 2e9,
      PidsLimit: 64,
      ShmSize: 512 * 1024 ** 2,
      CapDrop: ['ALL'],
    });
    expect(config.User).toMatch(/^2\d{5}:2\d{5}$/);

    const line = /docker exec -it \S+ sh/.exec((await story.sees(people.ada, dm(), /docker exec/)).words)?.[0] ?? '';
    const inside =
      'id -u; echo HOME=$HOME; echo kept > /workspace/file && ls -ln /workspace/file; echo GPUS=$NVIDIA_VISIBLE_DEVICES; exit\n';
    const typed = run('nsenter', inNamespace(story.engine, ['script', '-qec', line, '/dev/null']), {
      env: { ...process.env, DOCKER_HOST: `unix://${story.engine.socket}` },
      timeout: 20_000,
    });
    typed.child.stdin?.end(inside);
    const { stdout } = await typed;
    const uid = config.User?.split(':')[0];
    expect(stdout).toMatch(new RegExp(`^${uid}\\r?$`, 'm'));
    expect(stdout).toContain('HOME=/workspace');
    expect(stdout).toMatch(new RegExp(`-rw-.* ${uid} +${uid} .*/workspace/file`));
    for (const { device } of leased) expect(stdout).toContain(device);

    await story.gpu(people.bob, 'request cpu for 1h');
    const other = await story.until(
      async () => {
        const row = await newest(people.bob);
        return row.state === 'active' && row;
      },
      'the CPU container to run',
      30_000,
    );
    const seen = await story.docker.getContainer(other.container_name).inspect();
    expect(seen.HostConfig.DeviceRequests ?? []).toEqual([]);
    expect(seen.Config.Env).toContain('NVIDIA_VISIBLE_DEVICES=void');
    expect(seen.Mounts.map(({ Source }) => Source)).not.toContain(
      (await container.inspect()).Mounts.find(({ Destination }) => Destination === '/workspace')?.Source,
    );
    await story.gpu(people.bob, `release ${other.id}`);
    await stateIs(other.id, 'retired');
    await released(id);
  });

  it('scenario 14: released, it is gone and its GPUs free once the engine says so; the files are in the next container', async () => {
    const id = await running('request 1 a100 for 1h -- fourteen');
    await released(id);
    await story.until(async () => (await story.containers()).length === 0, 'no container left');
    expect(await free()).toBe('4');
    const next = await running('request 1 a100 for 1h -- again');
    const { container_name: name } = await newest();
    const { stdout } = await run('docker', ['exec', name, 'cat', '/workspace/file'], {
      env: { ...process.env, DOCKER_HOST: `unix://${story.engine.socket}` },
    });
    expect(stdout.trim()).toBe('kept');
    await released(next);
  });

  it('scenario 14: while a container that ignores TERM has its grace its GPU is not free; once it is, the container is gone', async () => {
    const id = await running('request 1 a100 image stubborn for 1h');
    const [{ Mounts: mounts } = { Mounts: [] }] = await story.containers();
    const workspace = mounts.find(({ Destination }) => Destination === '/workspace')?.Source ?? '';
    await story.gpu(people.ada, `release ${id}`);
    await story.until(async () => existsSync(join(workspace, 'term')), 'the container to hear TERM');
    expect(await free()).toBe('3');
    expect(await story.containers()).toMatchObject([{ State: 'running' }]);
    const left = await story.until(async () => (await free()) === '4' && { containers: await story.containers() }, 'its GPU to be free');
    expect(left.containers).toEqual([]);
    await stateIs(id, 'retired');
  });

  it('scenario 15: an image that is not there fails with a sentence, and everything is free again', async () => {
    const id = await approved(await asked('request 1 a100 image absent for 1h'));
    await stateIs(id, 'failed');
    await story.sees(people.ada, dm(), new RegExp(`${id}.*could not be started: the image .absent. is not on`));
    await story.until(async () => card(id).includes('Could not be started'), 'the card to say so');
    expect(await free()).toBe('4');
    expect(await story.containers()).toEqual([]);
  });

  it('scenario 15: a GPU that has vanished is not leased, and the others are', async () => {
    const id = await asked('request 2 a100 on ' + story.agent.host + ' for 1h');
    const [gone, ...rest] = story.gpus;
    story.agent.gpus.show(rest);
    await story.until(
      async () => (await free()) === '3' || (await story.gpu(people.bob, 'status')).includes('3 of 3'),
      'the host to report it',
    );
    await approved(id);
    await stateIs(id, 'active');
    const leased = await story.ledger.reads.execute<{ device: string }>(sql`select device from leases where released_at is null`);
    expect(leased.map(({ device }) => device)).not.toContain(gone?.uuid);
    await released(id);
    story.agent.gpus.show(story.gpus);
    await story.until(async () => (await free()) === '4', 'the GPU to be back and clear twice', 30_000);
  });

  it('scenario 15: a GPU that vanishes when its container is to start: card and message say so, and it is free once it is back', async () => {
    const id = await asked('request 1 a100 for 1h -- vanishing');
    const back = vanish(
      story.engine,
      story.gpus.map(({ uuid }) => uuid),
    );
    try {
      await approved(id);
      await stateIs(id, 'failed');
      const words = `a GPU that it was to have is no longer there on .${story.agent.host}`;
      await story.sees(people.ada, dm(), new RegExp(`${id}.*could not be started: ${words}`));
      await story.until(async () => new RegExp(`Could not be started: ${words}`).test(card(id)), 'the card to say so');
      expect(await story.containers()).toEqual([]);
      expect(await free()).toBe('4');
      const [had] = await story.ledger.reads.execute<{ device: string }>(sql`select device from leases where allocation_id = ${id}`);
      story.agent.gpus.show(story.gpus.filter(({ uuid }) => uuid !== had?.device));
      await story.until(async () => (await story.gpu(people.bob, 'status')).includes('3 of 3'), 'the host to report it');
    } finally {
      back();
      story.agent.gpus.show(story.gpus);
    }
    await story.until(async () => (await free()) === '4', 'the GPUs to be back and clear twice', 30_000);
    await released(await running('request 1 a100 for 1h -- once more'));
  });

  it('scenario 15: a stranger’s container of its name fails the start and is left alone', async () => {
    const id = await asked('request 1 a100 for 1h -- name taken');
    const stranger = await story.docker.createContainer({ name: `berth-${id}`, Image: IMAGES.plain, Cmd: ['sleep', 'infinity'] });
    await stranger.start();
    try {
      await approved(id);
      await stateIs(id, 'failed');
      await story.sees(people.ada, dm(), new RegExp(`${id}.*somebody else's container`));
      await story.until(async () => /Could not be started: somebody else's container/.test(card(id)), 'the card to say so');
      expect((await stranger.inspect()).State.Running).toBe(true);
      expect(await free()).toBe('4');
    } finally {
      await stranger.remove({ force: true });
    }
  });

  it.each([
    [
      'stopped by hand',
      'test',
      (name: string) => story.docker.getContainer(name).stop({ t: 1 }),
      /ended by itself or was stopped on the host/,
    ],
    ['removed by hand', 'test', (name: string) => story.docker.getContainer(name).remove({ force: true }), /removed on the host by hand/],
    ['out of memory', 'hungry', async () => undefined, /ran out of memory/],
  ] as const)('scenario 16: %s: its holder is told, the ledger settles, the GPU is free', async (__, image, act, words) => {
    const id = await approved(await asked(`request 1 a100 image ${image} for 1h`));
    if (image === 'test') {
      await stateIs(id, 'active');
      await act((await newest()).container_name);
    }
    await stateIs(id, 'retired');
    await story.sees(people.ada, dm(), new RegExp(`${id}[\\s\\S]*${words.source}`));
    expect(await free()).toBe('4');
    await story.until(async () => (await story.containers()).length === 0, 'nothing left');
  });

  it('scenario 18: a GPU with a process that nobody leased is occupied, listed with its owner, never leased, never touched', async () => {
    story.agent.gpus.show(story.gpus, [{ uuid: story.gpus[0]?.uuid ?? '', pid: process.pid, name: 'python', usedMib: 9000 }]);
    await story.until(async () => (await free()) === '3', 'the stranger to be seen', 30_000);
    const status = await story.gpu(people.bob, 'status');
    expect(status).toContain('1 occupied outside Berth');
    expect(status).toMatch(/GPU 0 is used by `root`/);
    const id = await running('request 2 a100 for 1h -- eighteen');
    const leased = await story.ledger.reads.execute<{ device: string }>(sql`select device from leases where released_at is null`);
    expect(leased.map(({ device }) => device)).not.toContain(story.gpus[0]?.uuid);
    await released(id);
    story.agent.gpus.show(story.gpus);
    await story.until(async () => (await free()) === '4', 'it to be clear twice', 30_000);
  });
});
