// A network for the demo's bridge that nothing else on this machine uses.
import { networkInterfaces } from 'node:os';
import Docker from 'dockerode';

const ANSWER_MS = 10_000;

/** The first free of 10.214.0.0/24 to 10.214.255.0/24 from number `first` (0 to 255) on. */
export async function freeSubnet(socketPath: string, first: number): Promise<string> {
  const networks = await new Docker({ socketPath }).listNetworks({ abortSignal: AbortSignal.timeout(ANSWER_MS) });
  const ofEngine = networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).map(({ Subnet }) => Subnet ?? ''));
  // Only the address: a company's 10.0.0.0/8 is around every candidate and in the way of none.
  const ofMachine = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => `${address}/32`));
  const subnet = pickSubnet(first, [...ofEngine, ...ofMachine]);
  if (subnet === null) throw new Error('No network of 10.214.0.0/16 is free for the demo: `docker network prune` removes unused ones.');
  return subnet;
}

/** `taken` as ADDRESS/BITS; what is not IPv4 is no hindrance. */
export function pickSubnet(first: number, taken: readonly string[]): string | null {
  const ranges = taken.flatMap((text) => rangeOf(text) ?? []);
  for (let step = 0; step < 256; step += 1) {
    const subnet = `10.214.${(first + step) % 256}.0/24`;
    const range = rangeOf(subnet);
    if (range !== null && !ranges.some((other) => range.from <= other.to && other.from <= range.to)) return subnet;
  }
  return null;
}

function rangeOf(text: string): { from: number; to: number } | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const from = address - (address % size);
  return { from, to: from + size - 1 };
}
