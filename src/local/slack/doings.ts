// What members do: type commands and messages, press, choose, submit, open the Home tab; each delivered to the app, answers shown.
import { memberOf, outcomeOf, presence, statusOf, type Acting, type Outcome } from './acting.ts';
import { createClicks, type Clicks } from './clicks.ts';
import type { Ack, Deliveries } from './deliveries.ts';
import { post } from './messages.ts';
import { commandPayload, eventPayload, homeOpenedEvent, messageEvent, ownMessageEvent, type Fresh } from './payloads.ts';
import { respond, sayable, type ResponseUrls } from './response-urls.ts';
import { seen, type SeenMessage } from './seen.ts';
import { isObject } from './shape.ts';
import { dmWith, seconds, SLACKBOT, type Channel, type JsonObject, type Member, type Message, type Workspace } from './state.ts';
import { createSubmissions, type Submissions } from './submissions.ts';
import type { Triggers } from './triggers.ts';
import { escapeTyped } from './typed-text.ts';

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

export interface Doings extends Clicks, Submissions {
  readonly command: (user: string, channel: string, command: string, text: string) => Promise<CommandResult>;
  readonly say: (user: string, channel: string, text: string, options?: { threadTs?: string }) => Promise<SayResult>;
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

  const acting: Acting = { workspace, deliveries, fresh };
  return {
    ...createClicks(acting),
    ...createSubmissions(acting),
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
