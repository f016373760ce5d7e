// Berth's own bridge and the firewall rules that keep its containers from each other, the host and metadata (docs/security.md A6).
import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { RunCommand } from './command.ts';
import type { Engine, NetworkSpec } from './engine.ts';

export type NetworkVerdict = { readonly kind: 'safe' } | { readonly kind: 'unsafe'; readonly detail: string };

export interface NetworkGuard {
  /** Reads bridge and rules back, restores what is missing, and says whether a container may start on it now. */
  ensure(): Promise<NetworkVerdict>;
  /** Takes the rules and the bridge away again; null when done, else why not. */
  remove(): Promise<string | null>;
}

/** For engines without a network. */
export const noNetwork: NetworkGuard = { ensure: async () => ({ kind: 'safe' }), remove: async () => null };

const LIMIT = 10_000;
/** Of a connection that is being opened. */
const NEW = ['-m', 'conntrack', '!', '--ctstate', 'ESTABLISHED,RELATED'];
/** Its exit code when the table is locked or may not be changed. */
const IPTABLES_IN_TROUBLE = 4;
const BRIDGE_FILTER = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** `blocked`: IPv4 networks as iptables prints them, to which its containers open no connection. */
type GuardedNetwork = NetworkSpec & { readonly blocked: readonly string[] };

type Rule = { readonly chain: string; readonly match: readonly string[] };

/** `dnsServers`: the host's own addresses it resolves names at, see `ownResolvers`. */
export function bridgeGuard(
  engine: Engine,
  spec: GuardedNetwork,
  run: RunCommand,
  dnsServers: () => Promise<readonly string[]>,
): NetworkGuard {
  const iptables = async (verb: string, rule: Rule): Promise<string | null> => {
    const result = await run('iptables', ['-w', '5', verb, rule.chain, ...rule.match], LIMIT);
    if (result.kind === 'ended')
      return result.code === 0 ? null : result.stderr.trim().slice(0, 300) || `iptables ended with ${result.code}`;
    return result.kind === 'timed_out' ? 'iptables did not answer' : 'iptables is not installed';
  };
  const missing = async (rules: readonly Rule[]): Promise<Rule[]> => {
    const found = await Promise.all(rules.map((rule) => iptables('-C', rule)));
    return rules.filter((_rule, index) => found[index] !== null);
  };
  const restore = async (drops: readonly Rule[], accepts: readonly Rule[], absent: readonly Rule[]): Promise<string | null> => {
    // Each goes to the top of its chain: drops first, then what they must let through, so that nothing is open in between.
    const again = absent.some((rule) => rule.chain === 'INPUT') ? accepts : [];
    for (const rule of drops.filter((drop) => absent.includes(drop))) {
      const failure = await iptables('-I', rule);
      if (failure !== null) return failure;
    }
    for (const rule of again) {
      await iptables('-D', rule);
      const failure = await iptables('-I', rule);
      if (failure !== null) return failure;
    }
    return null;
  };
  /** Networks that were blocked by the setting of another day, and that would stay so for ever. */
  const unblock = async (kept: readonly string[]): Promise<void> => {
    const listed = await run('iptables', ['-w', '5', '-S', 'DOCKER-USER'], LIMIT);
    for (const network of listed.kind === 'ended' ? blockedIn(spec.name, listed.stdout) : [])
      if (!kept.includes(network)) await iptables('-D', blockRule(spec.name, network));
  };
  let tidied: Promise<void> | undefined;
  /** Null once the rule is there no more, however often it was. */
  const withdraw = async (rule: Rule): Promise<string | null> => {
    for (;;) {
      const result = await run('iptables', ['-w', '5', '-D', rule.chain, ...rule.match], LIMIT);
      if (result.kind === 'timed_out') return 'iptables did not answer';
      if (result.kind === 'missing') return null;
      if (result.code === IPTABLES_IN_TROUBLE) return result.stderr.trim().slice(0, 300);
      // Any other failure: there is no such rule.
      if (result.code !== 0) return null;
    }
  };
  return {
    async ensure() {
      tidied ??= unblock(spec.blocked);
      const drops = dropRules(spec);
      const accepts = (await dnsServers()).flatMap((address) => dnsRules(spec.name, address));
      const [network, absent, filtered] = await Promise.all([
        engine.ensureNetwork(spec),
        missing([...drops, ...accepts]),
        bridgeFiltered(),
        tidied,
      ]);
      if (network.kind !== 'ready') return { kind: 'unsafe', detail: network.detail };
      if (!filtered)
        return {
          kind: 'unsafe',
          detail: 'traffic between containers bypasses the firewall: net.bridge.bridge-nf-call-iptables cannot be set to 1',
        };
      if (absent.length === 0) return { kind: 'safe' };
      const failure = await restore(drops, accepts, absent);
      const [still] = await missing([...drops, ...accepts]);
      if (still === undefined) return { kind: 'safe' };
      return {
        kind: 'unsafe',
        detail: `firewall rule missing in ${still.chain}: ${still.match.join(' ')}${failure === null ? '' : ` (${failure})`}`,
      };
    },
    async remove() {
      const rules = [
        ...dropRules(spec).filter((rule) => rule.chain !== 'FORWARD'),
        ...(await dnsServers()).flatMap((address) => dnsRules(spec.name, address)),
      ];
      const kept: string[] = [];
      for (const rule of rules) {
        const failure = await withdraw(rule);
        if (failure !== null) kept.push(failure);
      }
      await unblock([]);
      const removed = await engine.removeNetwork(spec.name);
      const trouble = [...(kept[0] === undefined ? [] : [kept[0]]), ...(removed.kind === 'removed' ? [] : [removed.detail])];
      return trouble.length === 0 ? null : trouble.join('; ');
    },
  };
}

/** DOCKER-USER is reached only through the jump from FORWARD, which Docker makes and an admin's flush may lose. */
function dropRules({ name: bridge, blocked }: GuardedNetwork): Rule[] {
  const ours = ourComment(bridge);
  return [
    ...blocked.map((network) => blockRule(bridge, network)),
    { chain: 'DOCKER-USER', match: ['-i', bridge, '-d', '169.254.0.0/16', ...ours, '-j', 'DROP'] },
    { chain: 'DOCKER-USER', match: ['-i', bridge, '-o', bridge, ...ours, '-j', 'DROP'] },
    { chain: 'FORWARD', match: ['-j', 'DOCKER-USER'] },
    { chain: 'INPUT', match: ['-i', bridge, ...NEW, ...ours, '-j', 'DROP'] },
  ];
}

/** Who is in a blocked network may still use what a container offers. */
function blockRule(bridge: string, network: string): Rule {
  return { chain: 'DOCKER-USER', match: ['-i', bridge, '-d', network, ...NEW, ...ourComment(bridge), '-j', 'DROP'] };
}

/** Networks of this bridge's `blockRule`s in what `iptables -S` printed. */
function blockedIn(bridge: string, listed: string): string[] {
  const rules = listed.split('\n').map((line) => line.replaceAll('"', '').split(' '));
  const ours = rules.filter((words) => words.includes('--ctstate') && words.includes(`berth:${bridge}`));
  return ours.flatMap((words) => words[words.indexOf('-d') + 1] ?? []);
}

function ourComment(bridge: string): string[] {
  return ['-m', 'comment', '--comment', `berth:${bridge}`];
}

function dnsRules(bridge: string, address: string): Rule[] {
  return ['udp', 'tcp'].map((protocol) => ({
    chain: 'INPUT',
    match: ['-i', bridge, '-d', address, '-p', protocol, '--dport', '53', ...ourComment(bridge), '-j', 'ACCEPT'],
  }));
}

/** Without this switch two containers on one bridge talk past iptables, whatever enable_icc says. */
async function bridgeFiltered(): Promise<boolean> {
  const on = async (): Promise<boolean> => (await readFile(BRIDGE_FILTER, 'utf8').catch(() => '')).trim() === '1';
  if (await on()) return true;
  await writeFile(BRIDGE_FILTER, '1').catch(() => undefined);
  return on();
}

/** Name servers of /etc/resolv.conf that are addresses of this host: containers reach them through INPUT. Loopback is Docker's affair. */
export async function ownResolvers(): Promise<string[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const servers = [...text.matchAll(/^\s*nameserver\s+([\d.]+)\s*$/gm)].map((match) => match[1] ?? '');
  const own = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
  return servers.filter((server) => own.includes(server) && !server.startsWith('127.'));
}
