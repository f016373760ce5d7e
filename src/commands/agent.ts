// `berth agent`: runs the agent of this host; `berth agent accept`: tells it to obey a ledger it refuses.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { hostAccounts } from '../agent/accounts.ts';
import { leaveAcceptance } from '../agent/accept.ts';
import { runCommand } from '../agent/command.ts';
import { type AgentConfig, readAgentConfig } from '../agent/config.ts';
import { dockerEngine } from '../agent/docker-engine.ts';
import type { Engine, ImageFacts } from '../agent/engine.ts';
import { bridgeGuard, type NetworkGuard, noNetwork, ownResolvers } from '../agent/network.ts';
import { nvidiaProbe } from '../agent/probe/nvidia-smi.ts';
import { type GpuProbe, noGpus } from '../agent/probe/probe.ts';
import { runAgent } from '../agent/run.ts';
import { systemClock } from '../domain/time.ts';
import { simulatedEngine } from '../local/simulated/engine.ts';
import { simulatedGpus } from '../local/simulated/gpus.ts';
import { createLog } from '../log.ts';
import { untilToldToStop } from './signals.ts';

const DONE = 0;
const FAILED = 1;
const USAGE = 2;
const LINGER = 200;

/** Exit code: 0 it ran and was told to stop, 1 it could not begin, 2 it was called or configured wrongly. */
export async function agent(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (rest.length > 0 || (verb !== undefined && verb !== 'accept')) return complain('Usage: berth agent [accept]', USAGE);
  const read = readAgentConfig();
  if (read.kind === 'invalid') return complain(['The agent cannot start:', ...read.problems].join('\n  '), USAGE);
  process.umask(0o077);
  return verb === 'accept' ? accept(read.config) : serve(read.config);
}

async function serve(config: AgentConfig): Promise<number> {
  const stop = new AbortController();
  void untilToldToStop().then(() => stop.abort());
  const engine = engineOf(config);
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
  const log = createLog('agent', config.logLevel);
  const failure = await runAgent({ config, engine, probe: probeOf(config), network: networkOf(config, engine), version, log }, stop.signal);
  if (failure !== null) return complain(`The agent cannot start: ${failure}`, FAILED);
  // A call to the engine that is still under way must not keep the process.
  setTimeout(() => process.exit(DONE), LINGER).unref();
  return DONE;
}

async function accept(config: AgentConfig): Promise<number> {
  const result = await leaveAcceptance(config.dir);
  switch (result.kind) {
    case 'accepted': {
      const { offer, before } = result;
      const left =
        offer.ledger === before.ledger
          ? 'What it does not name shows as orphans.'
          : 'Containers of the ledger before stay and are no longer managed.';
      console.log(
        `Accepted: this host will obey ledger ${offer.ledger} from revision ${offer.revision} (before: ${before.ledger}, revision ${before.revision}).`,
      );
      console.log(`${left} A running agent takes it up within 5 s.`);
      return DONE;
    }
    case 'nothing':
      return complain(`There is nothing to accept: no list was refused (state in ${config.dir}).`, FAILED);
    case 'broken':
      return complain(result.detail, FAILED);
  }
}

function engineOf({ engine, dir }: AgentConfig): Engine {
  switch (engine.kind) {
    case 'docker':
      return dockerEngine(engine.socket);
    case 'simulated':
      return simulatedEngine(
        join(dir, 'engine'),
        new Map(engine.images.map((reference) => [reference, simulatedImage(reference)])),
        systemClock,
      );
  }
}

function simulatedImage(reference: string): ImageFacts {
  return { id: `sha256:${createHash('sha256').update(reference).digest('hex')}`, env: [], volumes: [] };
}

function probeOf({ gpus, host }: AgentConfig): GpuProbe {
  switch (gpus.kind) {
    case 'nvidia':
      return nvidiaProbe(runCommand, hostAccounts(runCommand));
    case 'simulated':
      return simulatedGpus(host, gpus.cards);
    case 'none':
      return noGpus;
  }
}

/** Berth's bridge and rules of this host. */
function networkOf({ engine: { kind }, network: { name, subnet, blocked } }: AgentConfig, engine: Engine): NetworkGuard {
  return kind === 'simulated'
    ? noNetwork
    : bridgeGuard(engine, { name, subnet, blocked, labels: { 'berth.network': name } }, runCommand, ownResolvers);
}

function complain(words: string, code: number): number {
  console.error(words);
  return code;
}
