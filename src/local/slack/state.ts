// The workspace that local Slack keeps in memory: members, channels, messages, Home tabs; and who may see what.
import type { Clock } from '../../domain/time.ts';

export type MemberKind = 'member' | 'guest' | 'ultra_guest' | 'stranger' | 'bot' | 'deactivated';

export interface Member {
  readonly id: string;
  /** The member's own Slack workspace; differs from ours for a stranger (Slack Connect). */
  readonly teamId: string;
  readonly name: string;
  readonly realName: string;
  readonly tz: string;
  readonly kind: MemberKind;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };
/** A Block Kit block as stored: checked, with a block_id. */
export type Block = JsonObject;

export interface Message {
  readonly channel: string;
  readonly ts: string;
  /** User id of who wrote it. */
  readonly author: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly threadTs?: string;
  /** Set for an ephemeral: the only user who sees it. */
  readonly onlyFor?: string;
  readonly editedTs?: string;
  readonly metadata?: Json;
  /** Earlier versions, oldest first: what a screen that was not redrawn still shows. */
  readonly earlier: readonly Message[];
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'dm';
  readonly members: Set<string>;
  readonly created: number;
  messages: Message[];
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly members: readonly string[];
}

/** A modal or a Home tab on one member's screen. */
export interface View {
  readonly id: string;
  readonly user: string;
  /** Another one for each version. */
  readonly hash: string;
  readonly blocks: readonly Block[];
  readonly rootId: string;
  readonly previousId: string | null;
  /** As the Web API shows it, but for the state of its fields. */
  readonly json: JsonObject;
}

/** What is filled in on one surface: values in Slack's shape by field key. */
export type Answers = ReadonlyMap<string, JsonObject>;

/** What a submission left on a modal: messages beside fields by block_id, or a line that it did not get through. */
export interface Marks {
  readonly errors: Readonly<Record<string, string>>;
  readonly trouble: string | undefined;
}

export interface Workspace {
  readonly team: { readonly id: string; readonly domain: string; readonly name: string };
  readonly app: { readonly id: string; readonly botId: string; readonly botUserId: string };
  readonly members: Map<string, Member>;
  readonly channels: Map<string, Channel>;
  readonly usergroups: Map<string, Usergroup>;
  /** By user id. */
  readonly homes: Map<string, View>;
  /** Open modals by user id, the one on top last. */
  readonly stacks: Map<string, readonly View[]>;
  /** By user id and surface. */
  readonly answers: Map<string, Answers>;
  /** By view id. */
  readonly marks: Map<string, Marks>;
  /** A new id such as `U00000007`: unique in this workspace, the same in every run. */
  nextId(prefix: string): string;
  /** A new message timestamp of the clock's now; strictly increasing even when the clock stands still. */
  nextTs(): string;
  /** Calls every listener: something that somebody may see or wait for is different now. */
  changed(): void;
  onChange(listener: () => void): () => void;
}

export const BOT_NAME = 'berth';
export const SLACKBOT = 'USLACKBOT';

export function createWorkspace(clock: Clock): Workspace {
  let ids = 0;
  let lastMicroseconds = 0;
  const listeners = new Set<() => void>();
  const nextId = (prefix: string): string => {
    ids += 1;
    return prefix + ids.toString(36).toUpperCase().padStart(10, '0');
  };
  const team = { id: nextId('T'), domain: 'local-slack', name: 'Local Slack' };
  const app = { id: nextId('A'), botId: nextId('B'), botUserId: nextId('U') };
  const bot: Member = { id: app.botUserId, teamId: team.id, name: BOT_NAME, realName: 'Berth', tz: 'Etc/UTC', kind: 'bot' };
  const slackbot: Member = { ...bot, id: SLACKBOT, name: 'slackbot', realName: 'Slackbot' };
  return {
    team,
    app,
    members: new Map([bot, slackbot].map((member) => [member.id, member])),
    channels: new Map(),
    usergroups: new Map(),
    homes: new Map(),
    stacks: new Map(),
    answers: new Map(),
    marks: new Map(),
    nextId,
    nextTs() {
      lastMicroseconds = Math.max(lastMicroseconds + 1, clock.now().getTime() * 1000);
      return formatTs(lastMicroseconds);
    },
    changed() {
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function formatTs(microseconds: number): string {
  return `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, '0')}`;
}

/** The direct-message channel of the bot and a member, made when there is none yet. */
export function dmWith(workspace: Workspace, user: string): Channel {
  const known = [...workspace.channels.values()].find((channel) => channel.kind === 'dm' && channel.members.has(user));
  if (known !== undefined) return known;
  const members = new Set([user, workspace.app.botUserId]);
  const channel: Channel = { id: workspace.nextId('D'), name: user, kind: 'dm', members, created: seconds(workspace), messages: [] };
  workspace.channels.set(channel.id, channel);
  workspace.changed();
  return channel;
}

/** The clock's now in whole Unix seconds, as Slack writes `created` and `event_time`. */
export function seconds(workspace: Workspace): number {
  return Math.floor(Number(workspace.nextTs()));
}

/** Whether a member sees this message where it stands. */
export function visibleTo(message: Message, user: string): boolean {
  return message.onlyFor === undefined || message.onlyFor === user;
}
