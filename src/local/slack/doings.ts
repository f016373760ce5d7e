// What members do: type commands and messages, press buttons, open the Home tab; each delivered to the app, answers shown.
import type { Ack, Deliveries } from './deliveries.ts';
import { buttonsOf, type Button } from './block-reading.ts';
import { post } from './messages.ts';
import { clickPayload, commandPayload, eventPayload, homeOpenedEvent, messageEvent, ownMessageEvent } from './payloads.ts';
import type { Fresh, Surface, Tamper } from './payloads.ts';
import { respond, sayable, type ResponseUrls } from './response-urls.ts';
import { seen, type SeenMessage } from './seen.ts';
import { isObject } from './shape.ts';
import {
  dmWith,
  seconds,
  SLACKBOT,
  visibleTo,
  type Block,
  type Channel,
  type JsonObject,
  type Member,
  type Message,
  type Workspace,
} from './state.ts';
import type { Triggers } from './triggers.ts';
import { escapeTyped } from './typed-text.ts';

type Outcome = 'acked' | 'operation_timeout' | 'dispatch_failed';

interface CommandResult {
  readonly outcome: Outcome;
  /** The app's HTTP status, where there was one. */
  readonly status: number | undefined;
  /** What the member sees at once: the ack's own message, or Slack's line that the command failed. */
  readonly message: SeenMessage | undefined;
}

interface SayResult {
  readonly message: SeenMessage;
  /** Undefined where the app gets no event: it hears direct messages only. */
  readonly outcome: Outcome | undefined;
}

interface ClickResult {
  readonly outcome: Outcome | 'cancelled';
  readonly status: number | undefined;
  /** The dialog that was shown before the click counted. */
  readonly confirm: Block | undefined;
}

export type ClickPlace = { readonly channel: string; readonly ts: string } | 'home';

interface ClickOptions {
  /** False: says no in the confirm dialog (of a button that has one). */
  readonly confirm?: boolean;
  /** Which block, where two hold the same action_id. */
  readonly blockId?: string;
  /** Presses a button of an earlier version of the message: a screen not redrawn yet. */
  readonly stale?: boolean;
  /** What the request claims instead: a forged click. */
  readonly tamper?: Tamper;
}

export interface Doings {
  readonly command: (user: string, channel: string, command: string, text: string) => Promise<CommandResult>;
  readonly say: (user: string, channel: string, text: string, options?: { threadTs?: string }) => Promise<SayResult>;
  readonly click: (user: string, place: ClickPlace, actionId: string, options?: ClickOptions) => Promise<ClickResult>;
  readonly openHome: (user: string) => Promise<{ outcome: Outcome }>;
  /** Tells the app of its own message, as Slack does in direct messages. */
  readonly echo: (what: 'posted' | 'changed' | 'deleted', channel: Channel, message: Message, previous?: Message) => void;
  /** Slack's check of an events address; whether the app gave the challenge back. */
  readonly verifyUrl: () => Promise<boolean>;
}

interface Wiring {
  readonly workspace: Workspace;
  readonly deliveries: Deliveries;
  readonly responseUrls: ResponseUrls;
  readonly triggers: Triggers;
  readonly randomId: () => string;
}

export function createDoings({ workspace, deliveries, responseUrls, triggers, randomId }: Wiring): Doings {
  const verificationToken = randomId();
  const fresh = (by: Member, origin: { channel: string; ts?: string } | undefined): Fresh => ({
    verificationToken,
    triggerId: triggers.issue(by.id),
    responseUrl: origin === undefined ? '' : responseUrls.create({ ...origin, user: by.id }),
  });
  const sendEvent = (event: JsonObject, echo = false): Promise<Ack> => {
    const ids = { eventId: workspace.nextId('Ev'), verificationToken, time: seconds(workspace) };
    return deliveries.send({ kind: 'event', payload: eventPayload(workspace, event, ids), echo });
  };

  return {
    async command(user, channelId, command, text) {
      const { by, channel } = presence(workspace, user, channelId);
      const typed = { command, text: escapeTyped(workspace, text.trim(), 'command') };
      const origin = fresh(by, { channel: channel.id });
      const ack = await deliveries.send({ kind: 'command', payload: commandPayload(workspace, by, channel, typed, origin) });
      const outcome = outcomeOf(ack);
      const message =
        outcome === 'acked' ? ackMessage(workspace, channel, by, ack, command) : failure(workspace, channel, by, command, outcome);
      return { outcome, status: statusOf(ack), message: message === undefined ? undefined : seen(workspace, message, by.id) };
    },
    async say(user, channelId, text, options = {}) {
      const { by, channel } = presence(workspace, user, channelId);
      const words = escapeTyped(workspace, text, 'message');
      const message = post(workspace, channel, { author: by.id, text: words, blocks: [], threadTs: options.threadTs });
      if (channel.kind !== 'dm') return { message: seen(workspace, message, by.id), outcome: undefined };
      const ack = await sendEvent(messageEvent(workspace, by, channel, message));
      return { message: seen(workspace, message, by.id), outcome: outcomeOf(ack) };
    },
    async click(user, place, actionId, options = {}) {
      const { by, surface, button } = find(workspace, user, place, actionId, options);
      if (button.confirm !== undefined && options.confirm === false)
        return { outcome: 'cancelled', status: undefined, confirm: button.confirm };
      const origin = 'home' in surface ? undefined : { channel: surface.channel.id, ts: surface.message.ts };
      const newest = { ...fresh(by, origin), actionTs: workspace.nextTs() };
      const payload = clickPayload(workspace, by, surface, button, newest, options.tamper ?? {});
      const ack = await deliveries.send({ kind: 'interactive', payload });
      return { outcome: outcomeOf(ack), status: statusOf(ack), confirm: button.confirm };
    },
    async openHome(user) {
      const by = memberOf(workspace, user);
      const event = homeOpenedEvent(workspace, by, dmWith(workspace, by.id), workspace.homes.get(by.id), workspace.nextTs());
      return { outcome: outcomeOf(await sendEvent(event)) };
    },
    echo(what, channel, message, previous) {
      if (channel.kind !== 'dm') return;
      void sendEvent(ownMessageEvent(workspace, what, channel, { message, previous, eventTs: workspace.nextTs() }), true);
    },
    async verifyUrl() {
      const challenge = randomId();
      const ack = await deliveries.send({ kind: 'event', payload: { token: verificationToken, challenge, type: 'url_verification' } });
      if (ack.outcome !== 'acked') return false;
      return ack.body === challenge || (isObject(ack.body) && ack.body['challenge'] === challenge);
    },
  };
}

function memberOf(workspace: Workspace, user: string): Member {
  const member = workspace.members.get(user);
  if (member === undefined) throw new Error(`Local Slack has no member ${user}.`);
  return member;
}

function presence(workspace: Workspace, user: string, channelId: string): { by: Member; channel: Channel } {
  const by = memberOf(workspace, user);
  const channel = workspace.channels.get(channelId);
  if (channel === undefined || !channel.members.has(user)) throw new Error(`${by.name} is not in a channel ${channelId}.`);
  return { by, channel };
}

function find(
  workspace: Workspace,
  user: string,
  place: ClickPlace,
  actionId: string,
  options: ClickOptions,
): { by: Member; surface: Surface; button: Button } {
  const matches = (button: Button) => button.actionId === actionId && (options.blockId ?? button.blockId) === button.blockId;
  if (place === 'home') {
    const home = workspace.homes.get(user);
    const button = buttonsOf(home?.blocks ?? []).find(matches);
    if (home === undefined || button === undefined) throw new Error(`There is no button ${actionId} in the Home tab of ${user}.`);
    return { by: memberOf(workspace, user), surface: { home }, button };
  }
  const { by, channel } = presence(workspace, user, place.channel);
  const now = channel.messages.find((each) => each.ts === place.ts && visibleTo(each, user));
  const versions = options.stale === true ? (now?.earlier.toReversed() ?? []) : now === undefined ? [] : [now];
  for (const message of versions) {
    const button = buttonsOf(message.blocks).find(matches);
    if (button !== undefined) return { by, surface: { channel, message }, button };
  }
  const there = buttonsOf(now?.blocks ?? []).map((each) => each.actionId);
  throw new Error(`${by.name} sees no button ${actionId} there; buttons: ${there.join(', ') || 'none'}.`);
}

function outcomeOf(ack: Ack): Outcome {
  if (ack.outcome === 'acked') return 'acked';
  return ack.outcome === 'timeout' ? 'operation_timeout' : 'dispatch_failed';
}

function statusOf(ack: Ack): number | undefined {
  return ack.outcome === 'timeout' ? undefined : ack.status;
}

/** The message an ack carries; Slack tells the member when it cannot be shown. */
function ackMessage(workspace: Workspace, channel: Channel, by: Member, ack: Ack, command: string): Message | undefined {
  const body = ack.outcome === 'acked' ? ack.body : null;
  const response = typeof body === 'string' ? { text: body } : isObject(body) ? body : {};
  if (sayable(response) === 'invalid_blocks') return failure(workspace, channel, by, command, 'invalid_command_response');
  return respond(workspace, channel, by.id, response);
}

function failure(workspace: Workspace, channel: Channel, by: Member, command: string, error: string): Message {
  const text = `${command} failed with the error "${error}"`;
  return post(workspace, channel, { author: SLACKBOT, text, blocks: [], onlyFor: by.id });
}
