// What keeps a host from taking new containers: for its admins with what to do, and in a line of `/gpu status`.
import type { HostProblem } from '../../domain/host-protocol.ts';
import { code, quoted } from './common.ts';

type Code = HostProblem['code'];

const what: Readonly<Record<Code, string>> = {
  ledger_changed: 'this bot has another database than the one that it obeys',
  revision_went_back: 'the bot’s database is older than what it has already done',
  network_unsafe: 'the firewall rules that separate containers are missing',
  engine_unreachable: 'Docker does not answer there',
  probe_failed: 'its GPUs cannot be read',
  workspace_unusable: 'the directory of the workspaces cannot be used',
  workspace_mount: 'the workspaces lie on a mount without nosuid or nodev',
};

const remedies: Readonly<Record<Code, string>> = {
  ledger_changed:
    'If the database was lost or swapped by mistake, bring the right one back. If this bot is the right one, run `berth agent accept` on the host as root.',
  revision_went_back:
    'If an old copy of the database was restored by mistake, bring the newest one back. If it is meant, run `berth agent accept` on the host as root.',
  network_unsafe: 'Look into the agent’s log there; restarting the agent sets the rules again.',
  engine_unreachable: 'Start Docker there (`systemctl start docker`); the agent goes on by itself.',
  probe_failed: 'Run `nvidia-smi` there; a driver that does not match its library needs a reboot.',
  workspace_mount: 'Mount that directory with nosuid and nodev.',
  workspace_unusable: 'Look at the owner and mode of that directory; the agent goes on by itself.',
};

/** To an admin, when it begins. */
export function hostProblemWords(host: string, { code: problem, detail }: HostProblem): string {
  return `The host ${code(host)} takes no new containers: ${what[problem]}. What runs there goes on, and nothing is stopped. ${remedies[problem]} It says: ${quoted(detail, 400)}`;
}

/** In `/gpu status`. */
export function troubleLine(host: string, problem: Code): string {
  return `${code(host)} takes no new containers: ${what[problem]}. The admins know.`;
}
