// Shows letters in Slack: posts them, or edits the message they were posted as. Every failure becomes a value.
import { WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import type { Messenger, Place, Sent } from '../app/app.ts';
import type { Clock } from '../domain/time.ts';
import type { Message } from './views/blocks.ts';
import { commandNamed } from './views/command-name.ts';
import { letterMessage } from './views/letter.ts';

const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
/** Errors that say our own message is wrong: sending it again cannot help. */
const HOPELESS = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_too_long', 'no_text', 'invalid_arguments']);

/** `command`: what the slash command is called here. */
export function createMessenger(outbox: WebClient, clock: Clock, command: string): Messenger {
  return {
    show: async (letter, recipient, place, thread) => {
      try {
        const message = commandNamed(letterMessage(letter, clock.now()), command);
        return place === null ? await post(outbox, recipient, message, thread) : await edit(outbox, place, message);
      } catch (error) {
        return failure(error);
      }
    },
  };
}

/** Posts to a channel, or to a user's direct messages. Also used for answers in a conversation with the bot. */
export async function post(client: WebClient, recipient: string, message: Message, thread?: Place): Promise<Sent> {
  const channel = /^[UW]/.test(recipient) ? await directChannel(client, recipient) : recipient;
  const inThread = thread === undefined ? {} : { thread_ts: thread.ts };
  const posted = await client.chat.postMessage({ channel, ...message, ...inThread, unfurl_links: false, unfurl_media: false });
  return posted.ts === undefined
    ? { kind: 'failed', error: 'no ts', hopeless: false }
    : { kind: 'sent', channel: posted.channel ?? channel, ts: posted.ts };
}

async function edit(client: WebClient, place: Place, message: Message): Promise<Sent> {
  await client.chat.update({ ...place, ...message });
  return { kind: 'sent', ...place };
}

async function directChannel(client: WebClient, user: string): Promise<string> {
  const { channel } = await client.conversations.open({ users: user });
  if (channel?.id === undefined) throw new Error(`Slack opened no direct message channel for ${user}`);
  return channel.id;
}

/** Of a call to Slack. */
export function failure(error: unknown): Exclude<Sent, { kind: 'sent' }> {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'rate_limited', retryAfterSeconds: error.retryAfter };
  if (error instanceof WebAPIPlatformError) {
    const name = error.data.error;
    if (name === 'ratelimited' || name === 'rate_limited') return { kind: 'rate_limited', retryAfterSeconds: 30 };
    if (GONE.has(name)) return { kind: 'message_gone' };
    return { kind: 'failed', error: name, hopeless: HOPELESS.has(name) };
  }
  return { kind: 'failed', error: error instanceof Error ? error.message : String(error), hopeless: false };
}
