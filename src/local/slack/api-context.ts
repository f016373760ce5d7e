// What every Web API method is handed, and the shape of a method table.
import type { Args } from './api-args.ts';
import type { Triggers } from './triggers.ts';
import type { Channel, JsonObject, Message, Workspace } from './state.ts';

export interface ApiContext {
  readonly workspace: Workspace;
  readonly triggers: Triggers;
  readonly now: () => Date;
  readonly origin: () => string;
  /** The address of a new Socket Mode connection. */
  readonly socketUrl: () => string;
  /** Called after the bot posted, changed or deleted one of its messages. */
  readonly onOwnMessage: (what: 'posted' | 'changed' | 'deleted', channel: Channel, message: Message, previous?: Message) => void;
}

export type Methods = Readonly<Record<string, (context: ApiContext, args: Args) => JsonObject>>;
