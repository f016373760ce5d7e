// What every listener works with, and the shapes of what Bolt hands it.
import type {
  BlockAction,
  ButtonAction,
  OverflowAction,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackEventMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import type { App } from '../app/app.ts';
import type { Clients } from './client.ts';
import type { Guard } from './guard.ts';
import type { Newest } from './newest.ts';

/** What listeners work with. `apiUrl`: as in SlackAccess. */
export interface Hearing {
  readonly app: App;
  readonly guard: Guard;
  readonly clients: Clients;
  readonly apiUrl: string | undefined;
  /** The slash command's name. */
  readonly command: string;
  /** Of what is chosen in modals. */
  readonly newest: Newest;
}

export type Hear<Args> = (hearing: Hearing, args: Args) => Promise<void>;
export type Command = SlackCommandMiddlewareArgs;
/** A button of a message or of a Home, or a choice in its menu. */
export type Click = SlackActionMiddlewareArgs<BlockAction<ButtonAction | OverflowAction>>;
/** Anything that was pressed or chosen inside a modal. */
export type ViewClick = SlackActionMiddlewareArgs<BlockAction>;
export type Submission = SlackViewMiddlewareArgs<ViewSubmitAction>;
/** `context`, here and below: see event-ack.ts. */
export type HomeOpenedEvent = SlackEventMiddlewareArgs<'app_home_opened'> & { readonly context: Readonly<Record<string, unknown>> };
export type MessageEvent = SlackEventMiddlewareArgs<'message'> & { readonly context: Readonly<Record<string, unknown>> };

type EventListener =
  | { readonly type: 'message'; readonly hear: Hear<MessageEvent> }
  | { readonly type: 'app_home_opened'; readonly hear: Hear<HomeOpenedEvent> };

/** Everything that Berth hears from Slack, each with what it does. */
export interface Listeners {
  /** The slash command, whatever its name, with how Slack presents it. */
  readonly command: { readonly description: string; readonly usageHint: string; readonly hear: Hear<Command> };
  /** Buttons of messages and of Homes, by action_id. */
  readonly actions: Readonly<Record<string, Hear<Click>>>;
  /** What is pressed or chosen inside modals, by action_id. */
  readonly viewActions: Readonly<Record<string, Hear<ViewClick>>>;
  /** Submitted modals, by callback_id. */
  readonly views: Readonly<Record<string, Hear<Submission>>>;
  /** By the name to subscribe to, with the type that such an event arrives as. */
  readonly events: Readonly<Record<string, EventListener>>;
}
