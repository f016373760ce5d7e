// response_url: an address good for 5 uses within 30 minutes that answers into the conversation it came from.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MINUTE, secondsBetween, type Clock } from '../../domain/time.ts';
import { checkBlocks } from './blocks.ts';
import { parseObject, readBody, replyText } from './http.ts';
import { edit, post, remove } from './messages.ts';
import type { Block, Channel, JsonObject, Message, Workspace } from './state.ts';

const USES_MAX = 5;
const LIFE_SECONDS = 30 * MINUTE;

export interface ResponseUrls {
  /** A new address; `ts` names the message that replace_original and delete_original mean. */
  create(origin: { channel: string; user: string; ts?: string }): string;
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

interface Ticket {
  readonly channel: string;
  readonly user: string;
  readonly ts: string | undefined;
  readonly since: Date;
  uses: number;
}

interface Place {
  readonly workspace: Workspace;
  readonly clock: Clock;
  readonly base: () => string;
  readonly randomId: () => string;
}

export function createResponseUrls({ workspace, clock, base, randomId }: Place): ResponseUrls {
  const tickets = new Map<string, Ticket>();

  function answer(ticket: Ticket, body: JsonObject): string | undefined {
    const channel = workspace.channels.get(ticket.channel);
    if (channel === undefined) return 'channel_not_found';
    const original = channel.messages.find((each) => each.ts === ticket.ts);
    if (isTrue(body['delete_original'])) {
      if (original !== undefined) remove(workspace, channel, original);
      return undefined;
    }
    const said = sayable(body);
    if (typeof said === 'string') return said;
    if (isTrue(body['replace_original']) && original !== undefined) {
      edit(workspace, channel, original, said);
      return undefined;
    }
    respond(workspace, channel, ticket.user, body);
    return undefined;
  }

  return {
    create(origin) {
      const id = randomId();
      tickets.set(id, { channel: origin.channel, user: origin.user, ts: origin.ts, since: clock.now(), uses: 0 });
      return `${base()}/response/${workspace.team.id}/${id}`;
    },
    async handle(request, response, url) {
      const body = await readBody(request);
      const ticket = tickets.get(url.pathname.split('/').at(-1) ?? '');
      if (request.method !== 'POST' || ticket === undefined) return replyText(response, 404, 'no_service');
      if (secondsBetween(ticket.since, clock.now()) >= LIFE_SECONDS) return replyText(response, 404, 'expired_url');
      if (ticket.uses >= USES_MAX) return replyText(response, 404, 'used_url');
      ticket.uses += 1;
      const refusal = answer(ticket, parseObject(body));
      replyText(response, refusal === undefined ? 200 : 400, refusal ?? 'ok');
    },
  };
}

/** Posts what an app answers to a command or click: to everyone for `in_channel`, else only to who asked. Undefined: nothing to say. */
export function respond(workspace: Workspace, channel: Channel, user: string, body: JsonObject): Message | undefined {
  const said = sayable(body);
  if (typeof said === 'string') return undefined;
  const onlyFor = body['response_type'] === 'in_channel' ? undefined : user;
  const threadTs = typeof body['thread_ts'] === 'string' ? body['thread_ts'] : undefined;
  return post(workspace, channel, { author: workspace.app.botUserId, ...said, onlyFor, threadTs });
}

/** Text and blocks of a response, or the word it is refused with. */
export function sayable(body: JsonObject): { text: string; blocks: readonly Block[] } | 'no_text' | 'invalid_blocks' {
  const text = typeof body['text'] === 'string' ? body['text'] : '';
  const blocks = body['blocks'] ?? [];
  if (checkBlocks(blocks).length > 0) return 'invalid_blocks';
  if (text === '' && (blocks as readonly Block[]).length === 0) return 'no_text';
  return { text, blocks: blocks as readonly Block[] };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
