// What the page in the browser may ask: what the acting member sees, live changes, and to do things as that member.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Doings } from './doings.ts';
import { contentType, HttpError, parseObject, readBody, replyJson } from './http.ts';
import { messagesSeen } from './seen.ts';
import type { Channel, JsonObject, Member, Workspace } from './state.ts';
import type { Place } from './surfaces.ts';

const MESSAGES_MAX = 300;
const ACTING_KINDS: readonly Member['kind'][] = ['member', 'guest', 'ultra_guest', 'stranger'];

export interface PageApi {
  /** Answers /page/…; the caller has checked the key. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  close(): void;
}

export interface PageWiring {
  readonly workspace: Workspace;
  readonly doings: Doings;
  readonly isConnected: () => boolean;
  /** The slash commands that the app has; the page refuses others, as Slack does. */
  readonly commands: readonly string[];
}

export function createPageApi({ workspace, doings, isConnected, commands }: PageWiring): PageApi {
  const watching = new Set<ServerResponse>();
  let announced = false;
  const stop = workspace.onChange(() => {
    if (announced || watching.size === 0) return;
    announced = true;
    setImmediate(() => {
      announced = false;
      for (const response of watching) response.write('data: changed\n\n');
    });
  });

  function watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 1000\ndata: hello\n\n');
    watching.add(response);
    response.on('close', () => watching.delete(response));
  }

  async function act(verb: string, body: JsonObject): Promise<JsonObject> {
    const as = acting(workspace, text(body, 'as')).id;
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
        const place: Place = body['home'] === true ? 'home' : { channel: text(body, 'channel'), ts: text(body, 'ts') };
        const { outcome, status } = await doings.click(as, place, text(body, 'action_id'), { blockId: text(body, 'block_id') });
        return { outcome, status: status ?? null };
      }
      case 'home': {
        const { outcome } = await doings.openHome(as);
        return { outcome };
      }
      default:
        throw new HttpError(404, 'There is no such thing here.');
    }
  }

  return {
    async handle(request, response, url) {
      const verb = url.pathname.slice('/page/'.length);
      if (request.method === 'GET' && verb === 'changes') return watch(response);
      if (request.method === 'GET' && verb === 'view') {
        const as = url.searchParams.get('as') ?? '';
        return replyJson(response, 200, { ...view(workspace, as), connected: isConnected(), commands });
      }
      if (request.method !== 'POST') throw new HttpError(405, 'Only GET and POST are answered here.');
      if (contentType(request) !== 'application/json') throw new HttpError(415, 'Only JSON is read here.');
      const body = parseObject(await readBody(request));
      try {
        replyJson(response, 200, await act(verb, body));
      } catch (error) {
        if (error instanceof HttpError) throw error;
        throw new HttpError(409, error instanceof Error ? error.message : String(error));
      }
    },
    close() {
      stop();
      for (const response of watching) response.end();
    },
  };
}

function text(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new HttpError(400, `${name} is missing.`);
  return value;
}

function acting(workspace: Workspace, id: string): Member {
  const member = workspace.members.get(id);
  if (member === undefined || !ACTING_KINDS.includes(member.kind)) throw new HttpError(400, `Nobody can act as ${id || 'nobody'}.`);
  return member;
}

/** Everything the page draws for one member (the first one when `as` is nobody who can act). */
function view(workspace: Workspace, as: string): JsonObject {
  const members = [...workspace.members.values()];
  const people = members.filter((member) => ACTING_KINDS.includes(member.kind));
  const me = people.find((member) => member.id === as) ?? people[0];
  const channels = [...workspace.channels.values()].filter((channel) => me !== undefined && channel.members.has(me.id));
  return {
    team: workspace.team.name,
    me: me === undefined ? null : personJson(me),
    people: people.map(personJson),
    names: {
      members: Object.fromEntries(members.map((member) => [member.id, member.name])),
      channels: Object.fromEntries(channels.map((channel) => [channel.id, channel.name])),
      groups: Object.fromEntries([...workspace.usergroups.values()].map((group) => [group.id, group.handle])),
    },
    botUserId: workspace.app.botUserId,
    channels: channels.map((channel) => channelJson(workspace, channel, me?.id ?? '')),
    home: me === undefined ? null : (workspace.homes.get(me.id)?.blocks ?? null),
  };
}

function personJson({ id, name, realName, kind, tz }: Member): JsonObject {
  return { id, name, realName, kind, tz };
}

function channelJson(workspace: Workspace, channel: Channel, me: string): JsonObject {
  const messages = messagesSeen(workspace, channel, me).slice(-MESSAGES_MAX);
  return {
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    members: [...channel.members],
    messages: messages.map((message) => ({
      ts: message.ts,
      author: message.author,
      text: message.text,
      blocks: message.blocks,
      ephemeral: message.ephemeral,
      edited: message.edited,
      threadTs: message.threadTs ?? null,
    })),
  };
}
