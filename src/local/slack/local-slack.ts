// Local Slack: a small in-memory stand-in for Slack's server, for tests and the demo. Loopback only, and not Slack.
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../domain/time.ts';
import { createDeliveries, type Ack, type Delivery, type ResendOptions, type Target } from './deliveries.ts';
import { createDoings, type Doings } from './doings.ts';
import { createFaults, type Faults } from './faults.ts';
import { createGuard, loopbackHost } from './guard.ts';
import { createPageApi } from './page-api.ts';
import { createRateLimits } from './rate-limits.ts';
import { addChannel, addMember, addUsergroup, type NewChannel, type NewMember, type NewUsergroup } from './people.ts';
import { createResponseUrls } from './response-urls.ts';
import { homeSeen, messagesSeen, modalSeen, type SeenHome, type SeenMessage, type SeenModal } from './seen.ts';
import { listen, portOf } from './server.ts';
import { createSocketMode } from './socket-mode.ts';
import { createWorkspace, dmWith } from './state.ts';
import { createTriggers } from './triggers.ts';
import { waitFor } from './wait.ts';
import { createWebApi, type ApiCall } from './web-api.ts';

export interface LocalSlackOptions {
  /** Message timestamps, response_url life and `event_time` follow it. Signatures carry real time, as Bolt compares with its own. */
  clock: Clock;
  /** 0 or left out: a free one. */
  port?: number;
  /** 127.0.0.1 (default), ::1 or localhost; anything else throws. */
  host?: string;
  /** Who and what is there from the start; members of channels and groups by name or id. */
  seed?: { members?: readonly NewMember[]; channels?: readonly NewChannel[]; usergroups?: readonly NewUsergroup[] };
  /** Source of keys, tokens, secrets and ids that must not be guessed. */
  random?: (bytes: number) => Buffer;
  /** How long the app has to ack; Slack's 3000 ms when left out. */
  ackDeadlineMs?: number;
  /** Whether the app hears of its own direct messages, as Slack tells it (default: yes). */
  echoOwnMessages?: boolean;
  /** Whether the Web API lets the app call only as fast as Slack does (default: no). */
  rateLimits?: boolean;
  /** The app's slash commands, which the page offers and checks (default: /gpu). */
  commands?: readonly string[];
  /** The clock that signatures carry; real time when left out. */
  signingClock?: Clock;
}

/** What a test or the demo can do with a running local Slack; `Doings` holds what members do. */
export interface LocalSlack extends Omit<Doings, 'echo'> {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly origin: string;
  /** The page's address with the key of this start: a secret. */
  readonly pageUrl: string;
  /** For Bolt's `clientOptions.slackApiUrl`; ends with `/api/`. */
  readonly apiUrl: string;
  readonly signingSecret: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly appId: string;
  readonly teamId: string;
  /** Where deliveries go from now on; before the first call every command ends in `dispatch_failed`. */
  deliverTo(target: Target): void;
  addMember(member: NewMember): { readonly id: string };
  addChannel(channel: NewChannel): { readonly id: string };
  addUsergroup(group: NewUsergroup): { readonly id: string };
  joinChannel(channel: string, user: string): void;
  leaveChannel(channel: string, user: string): void;
  /** Channel id of the bot's direct messages with a member. */
  dm(user: string): string;
  /** Oldest first; ephemerals only of this member; nothing where the member is not in. */
  messagesSeenBy(user: string, channel: string): SeenMessage[];
  homeSeenBy(user: string): SeenHome | undefined;
  /** The modal on top of the member's stack. */
  modalSeenBy(user: string): SeenModal | undefined;
  /** The first truthy answer of `look`, asked now and after every change; rejects after `timeoutMs` (5000). */
  waitFor<T>(look: () => T | undefined | null | false, timeoutMs?: number, what?: string): Promise<T>;
  readonly fail: Omit<Faults, 'take'>;
  /** The newest 5000 Web API calls, oldest first. */
  readonly apiCalls: readonly ApiCall[];
  /** The newest 2000 deliveries, oldest first, resends left out. */
  readonly deliveries: readonly Delivery[];
  /** Delivers once more what a member did last (or the given delivery): a duplicate, a replay, a stale or forged request. */
  resend(options?: ResendOptions, delivery?: Delivery): Promise<Ack>;
  readonly sockets: {
    connected(): number;
    /** Asks connected apps to reconnect. */
    refresh(): void;
    /** Cuts connections without a close frame. */
    cut(): void;
  };
  close(): Promise<void>;
}

export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const host = loopbackHost(options.host ?? '127.0.0.1');
  const random = options.random ?? randomBytes;
  const randomId = (): string => random(16).toString('hex');
  const workspace = createWorkspace(options.clock);
  const [key, signingSecret] = [randomId(), randomId()];
  const tokens = { bot: `xoxb-local-${randomId()}`, app: `xapp-local-${randomId()}` };
  let port = 0;
  const authority = (): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const origin = (): string => `http://${authority()}`;

  const socketMode = createSocketMode(workspace, randomId);
  const deliveries = createDeliveries({
    signingSecret,
    ackDeadlineMs: options.ackDeadlineMs ?? 3000,
    signingClock: options.signingClock ?? systemClock,
    socketMode,
  });
  const responseUrls = createResponseUrls({ workspace, clock: options.clock, base: origin, randomId });
  const triggers = createTriggers(options.clock, () => `${workspace.nextTs()}.${randomId()}`);
  const doings = createDoings({ workspace, deliveries, responseUrls, triggers, randomId });
  const { echo, ...shown } = doings;
  const faults = createFaults();
  const limits = options.rateLimits === true ? createRateLimits(() => performance.now()) : null;
  const context = {
    workspace,
    triggers,
    now: () => options.clock.now(),
    origin,
    socketUrl: () => `ws://${authority()}${socketMode.openPath()}`,
    onOwnMessage: options.echoOwnMessages === false ? () => undefined : echo,
  };
  const webApi = createWebApi(context, tokens, { faults, limits });
  const isConnected = (): boolean => deliveries.target !== undefined && (deliveries.target.kind === 'http' || socketMode.connected() > 0);
  const pageApi = createPageApi({ workspace, doings, isConnected, commands: options.commands ?? ['/gpu'] });
  const guard = createGuard(key, () => port);
  const server = await listen({ guard, webApi, responseUrls, socketMode, pageApi }, host, options.port ?? 0);
  port = portOf(server);

  const idOf = (who: string): string => [...workspace.members.values()].find((member) => member.name === who)?.id ?? who;
  const channelOf = (id: string) => {
    const channel = workspace.channels.get(id);
    if (channel === undefined) throw new Error(`Local Slack has no channel ${id}.`);
    return channel;
  };
  for (const member of options.seed?.members ?? []) addMember(workspace, member);
  for (const each of options.seed?.channels ?? []) addChannel(workspace, { ...each, members: each.members.map(idOf) });
  for (const each of options.seed?.usergroups ?? []) addUsergroup(workspace, { ...each, members: each.members.map(idOf) });

  return {
    origin: origin(),
    pageUrl: `${origin()}/?key=${key}`,
    apiUrl: `${origin()}/api/`,
    signingSecret,
    botToken: tokens.bot,
    appToken: tokens.app,
    botUserId: workspace.app.botUserId,
    botId: workspace.app.botId,
    appId: workspace.app.id,
    teamId: workspace.team.id,
    ...shown,
    deliverTo(target) {
      deliveries.target = target;
      workspace.changed();
    },
    addMember: (member) => addMember(workspace, member),
    addChannel: (channel) => addChannel(workspace, channel),
    addUsergroup: (group) => addUsergroup(workspace, group),
    joinChannel(channel, user) {
      channelOf(channel).members.add(user);
      workspace.changed();
    },
    leaveChannel(channel, user) {
      channelOf(channel).members.delete(user);
      workspace.changed();
    },
    dm: (user) => dmWith(workspace, user).id,
    messagesSeenBy: (user, channel) => messagesSeen(workspace, channelOf(channel), user),
    homeSeenBy: (user) => homeSeen(workspace, user),
    modalSeenBy: (user) => modalSeen(workspace, user),
    waitFor: (look, timeoutMs = 5000, what = 'something in local Slack') => waitFor(workspace, look, timeoutMs, what),
    fail: faults,
    apiCalls: webApi.calls,
    deliveries: deliveries.log,
    resend: (again, delivery) => deliveries.resend(again, delivery),
    sockets: { connected: () => socketMode.connected(), refresh: () => socketMode.refresh(), cut: () => socketMode.cut() },
    async close() {
      deliveries.close();
      pageApi.close();
      await socketMode.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
