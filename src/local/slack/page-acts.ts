// What somebody does in the page, done as the acting member: commands, messages, presses, choices, submissions.
import type { Given } from './answering.ts';
import type { Doings } from './doings.ts';
import { HttpError } from './http.ts';
import { canAct } from './page-view.ts';
import type { JsonObject, Workspace } from './state.ts';
import type { Place } from './surfaces.ts';
import { topOf } from './views.ts';

export interface PageActing {
  readonly workspace: Workspace;
  readonly doings: Doings;
  /** The slash commands that the app has; the page refuses others, as Slack does. */
  readonly commands: readonly string[];
}

/** Does it and says what became of it; an HttpError for what cannot be done. */
export async function act({ workspace, doings, commands }: PageActing, verb: string, body: JsonObject): Promise<JsonObject> {
  const as = actingId(workspace, text(body, 'as'));
  switch (verb) {
    case 'command': {
      const command = text(body, 'command');
      if (!commands.includes(command)) throw new HttpError(409, `${command} is not a valid command. There is: ${commands.join(', ')}.`);
      const { outcome } = await doings.command(as, text(body, 'channel'), command, text(body, 'text'));
      return { outcome };
    }
    case 'say': {
      const { outcome } = await doings.say(as, text(body, 'channel'), text(body, 'text'));
      return { outcome: outcome ?? null };
    }
    case 'click': {
      const options = { blockId: text(body, 'block_id') };
      const { outcome, status } = await doings.click(as, placeOf(workspace, as, body), text(body, 'action_id'), options);
      return { outcome, status: status ?? null };
    }
    case 'choose': {
      const options = { place: placeOf(workspace, as, body), actionId: text(body, 'action_id') };
      const { outcome, status } = await doings.choose(as, text(body, 'block_id'), given(body), options);
      return { outcome, status: status ?? null };
    }
    case 'submit': {
      placeOf(workspace, as, body);
      const { outcome, problems } = await doings.submit(as);
      return { outcome, problems };
    }
    case 'close': {
      placeOf(workspace, as, body);
      await doings.closeView(as, { all: body['all'] === true });
      return { outcome: 'closed' };
    }
    case 'home': {
      const { outcome } = await doings.openHome(as);
      return { outcome };
    }
    default:
      throw new HttpError(404, 'There is no such thing here.');
  }
}

/** Where it was done; in a modal that is no longer on top nothing can be. */
function placeOf(workspace: Workspace, as: string, body: JsonObject): Place {
  if (body['home'] === true) return 'home';
  if (body['modal'] === undefined) return { channel: text(body, 'channel'), ts: text(body, 'ts') };
  if (topOf(workspace, as)?.id !== text(body, 'modal')) throw new HttpError(409, 'This modal is no longer open.');
  return 'modal';
}

function given(body: JsonObject): Given {
  const value = body['given'] ?? null;
  if (value === null || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value as string[];
  throw new HttpError(400, 'given is neither text nor a list of texts.');
}

function text(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new HttpError(400, `${name} is missing.`);
  return value;
}

function actingId(workspace: Workspace, id: string): string {
  if (!canAct(workspace.members.get(id))) throw new HttpError(400, `Nobody can act as ${id || 'nobody'}.`);
  return id;
}
