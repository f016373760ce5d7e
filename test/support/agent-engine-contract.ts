// What every Engine does, whatever stands behind it: one suite, run against the real one and the simulated one.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ContainerSpec, type Engine, LABELS } from '../../src/agent/engine.ts';
import { GPU_A, GPU_B } from './agent-desired.ts';

export type ContractSubject = {
  readonly engine: Engine;
  /** The same engine when it does not answer. */
  readonly silent: Engine;
  readonly images: { readonly plain: string; readonly volume: string };
  /** A directory on the host that exists. */
  readonly directory: string;
  /** Resolves when what runs in the container hears signals: the kernel drops a TERM for an init that has not begun to listen. */
  hearsSignals(container: string): Promise<void>;
  end(): Promise<void>;
};

export function engineContract(name: string, prepare: () => Promise<ContractSubject>): void {
  describe(`an engine, ${name}`, () => {
    const ledger = randomUUID();
    const labels = (allocation: string): Record<string, string> => ({ [LABELS.ledger]: ledger, [LABELS.allocation]: allocation });
    const newName = (): string => `contract-${randomBytes(4).toString('hex')}`;
    const network = { name: `bct${randomBytes(3).toString('hex')}`, subnet: '10.219.0.0/24', labels: {} };
    let subject: ContractSubject;
    let engine: Engine;
    let imageId = '';

    beforeAll(async () => {
      subject = await prepare();
      engine = subject.engine;
      const image = await engine.inspectImage(subject.images.plain);
      if (image.kind !== 'found') throw new Error('the contract needs its image');
      imageId = image.image.id;
    });
    afterAll(async () => {
      const left = await engine.list({ [LABELS.ledger]: ledger });
      for (const { id } of left.kind === 'listed' ? left.containers : []) {
        await engine.stop(id, 0);
        await engine.remove(id);
      }
      await engine.removeNetwork(network.name);
      await subject.end();
    });

    function spec(more: Partial<ContainerSpec> = {}, host: Partial<ContainerSpec['HostConfig']> = {}): ContainerSpec {
      return {
        Image: imageId,
        Hostname: 'contract',
        User: '200001:200001',
        WorkingDir: '/',
        Entrypoint: ['sleep'],
        Cmd: ['infinity'],
        Env: ['HOME=/workspace', `BERTH_DEVICES=${GPU_A}`],
        Labels: labels('al-contract'),
        StopSignal: 'SIGTERM',
        StopTimeout: 5,
        Healthcheck: { Test: ['NONE'] },
        HostConfig: {
          Init: true,
          Memory: 64 * 1024 * 1024,
          MemorySwap: 64 * 1024 * 1024,
          NanoCpus: 500_000_000,
          PidsLimit: 32,
          ShmSize: 16 * 1024 * 1024,
          OomScoreAdj: 500,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges:true'],
          LogConfig: { Type: 'json-file', Config: {} },
          RestartPolicy: { Name: 'no' },
          NetworkMode: 'none',
          Mounts: [],
          DeviceRequests: [],
          ...host,
        },
        ...more,
      };
    }

    async function make(
      more: Partial<ContainerSpec> = {},
      host: Partial<ContainerSpec['HostConfig']> = {},
    ): Promise<{ id: string; name: string }> {
      const name_ = newName();
      const created = await engine.create(name_, spec(more, host));
      if (created.kind !== 'created') throw new Error(`not created: ${JSON.stringify(created)}`);
      return { id: created.id, name: name_ };
    }

    async function inspected(container: string): Promise<Extract<Awaited<ReturnType<Engine['inspect']>>, { kind: 'found' }>['container']> {
      const found = await engine.inspect(container);
      if (found.kind !== 'found') throw new Error(`not found: ${found.kind}`);
      return found.container;
    }

    it('says its version', async () => {
      expect(await engine.version()).toEqual({ kind: 'version', version: expect.stringMatching(/\S/) });
    });

    it('knows an image and what it declares, and says missing for any other name', async () => {
      expect(await engine.inspectImage(subject.images.volume)).toMatchObject({ kind: 'found', image: { volumes: ['/data'] } });
      for (const reference of ['berth-none:1', 'Not A Reference!!', 'x/../../containers', ''])
        expect(await engine.inspectImage(reference)).toEqual({ kind: 'missing' });
    });

    it('creates a container that has not run, and finds it by id, name and labels', async () => {
      const { id, name: made } = await make({ Labels: labels('al-found') });
      const container = {
        id,
        name: made,
        state: 'created',
        user: '200001:200001',
        startedAt: null,
        exitCode: null,
        outOfMemory: false,
        deviceIds: [],
      };
      expect(await inspected(id)).toMatchObject(container);
      expect(await inspected(made)).toMatchObject({ id, env: expect.arrayContaining([`BERTH_DEVICES=${GPU_A}`]) });
      expect(await engine.list(labels('al-found'))).toMatchObject({
        kind: 'listed',
        containers: [{ id, name: made, state: 'created', labels: labels('al-found') }],
      });
      expect(await engine.list({ ...labels('al-found'), [LABELS.fence]: '1' })).toEqual({ kind: 'listed', containers: [] });
    });

    it('records the devices asked for, sorted', async () => {
      const request = { Driver: 'nvidia', DeviceIDs: [GPU_B, GPU_A], Capabilities: [['gpu', 'compute', 'utility']] };
      const { id } = await make({}, { DeviceRequests: [request] });
      expect((await inspected(id)).deviceIds).toEqual([GPU_A, GPU_B]);
    });

    it('refuses to create what cannot be', async () => {
      const { name: taken } = await make();
      expect(await engine.create(taken, spec())).toEqual({ kind: 'name_taken' });
      expect(await engine.create(newName(), spec({ Image: `sha256:${'0'.repeat(64)}` }))).toEqual({ kind: 'image_missing' });
      const mount = { Type: 'bind' as const, Source: `${subject.directory}/none`, Target: '/workspace', ReadOnly: false };
      expect(await engine.create(newName(), spec({}, { Mounts: [mount] }))).toMatchObject({
        kind: 'refused',
        detail: expect.stringContaining('bind source path does not exist'),
      });
    });

    it('starts, also what runs already', async () => {
      const { id } = await make();
      expect([await engine.start(id), await engine.start(id)]).toEqual([{ kind: 'started' }, { kind: 'started' }]);
      expect(await inspected(id)).toMatchObject({ state: 'running', startedAt: expect.stringMatching(/^\d{4}-.*Z$/), exitCode: null });
    });

    it('stops, also what does not run, and tells how it ended', async () => {
      const { id } = await make();
      await engine.start(id);
      await subject.hearsSignals(id);
      expect([await engine.stop(id, 5), await engine.stop(id, 5)]).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }]);
      expect(await inspected(id)).toMatchObject({ state: 'exited', exitCode: 143, outOfMemory: false, startedAt: expect.any(String) });
    });

    it('removes, never what runs, and also what is gone', async () => {
      const { id } = await make();
      await engine.start(id);
      expect(await engine.remove(id)).toEqual({ kind: 'running' });
      await engine.stop(id, 0);
      expect([await engine.remove(id), await engine.remove(id)]).toEqual([{ kind: 'removed' }, { kind: 'removed' }]);
      expect(await engine.inspect(id)).toEqual({ kind: 'gone' });
    });

    it('says gone of what is not there', async () => {
      const nobody = newName();
      expect([await engine.inspect(nobody), await engine.start(nobody), await engine.stop(nobody, 1)]).toEqual(
        Array(3).fill({ kind: 'gone' }),
      );
    });

    it('makes a network once and says when one of that name differs', async () => {
      expect([await engine.ensureNetwork(network), await engine.ensureNetwork(network)]).toEqual([{ kind: 'ready' }, { kind: 'ready' }]);
      expect(await engine.ensureNetwork({ ...network, subnet: '10.219.1.0/24' })).toMatchObject({
        kind: 'differs',
        detail: expect.stringContaining('10.219.0.0/24'),
      });
      expect([await engine.removeNetwork(network.name), await engine.removeNetwork(network.name)]).toEqual([
        { kind: 'removed' },
        { kind: 'removed' },
      ]);
    });

    it('tells of changes until told to stop', async () => {
      const end = new AbortController();
      let heard: () => void = () => undefined;
      const event = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const following = engine.follow({ [LABELS.ledger]: ledger }, heard, end.signal);
      await engine.list({});
      await make();
      await event;
      end.abort();
      await expect(following).resolves.toBeUndefined();
    });

    it('says unreachable, and never throws, when nobody answers', async () => {
      const { silent } = subject;
      const answers = await Promise.all([
        silent.list({}),
        silent.inspect('x'),
        silent.inspectImage('x'),
        silent.create('x', spec()),
        silent.start('x'),
        silent.stop('x', 1),
        silent.remove('x'),
        silent.ensureNetwork(network),
        silent.removeNetwork('x'),
      ]);
      expect(answers.map(({ kind }) => kind)).toEqual(
        answers.map((_answer, index) => (index === 2 && engine.kind === 'simulated' ? 'missing' : 'unreachable')),
      );
    });
  });
}
