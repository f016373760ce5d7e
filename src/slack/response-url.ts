// Private answers through a delivery's response_url, which has to be Slack's own, or of the very server that is configured.
import type { RespondFn } from '@slack/bolt';
import type { Message } from './views/blocks.ts';

/** Slack's, and that of its cloud for governments. */
const SLACK_HOST = /\.slack(-gov)?\.com$/;

/** True when answers may be sent there. `apiUrl` is set only when another server stands in for Slack. */
export function mayAnswerTo(url: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, origin, hostname, port } = new URL(url);
  if (apiUrl !== undefined) return origin === new URL(apiUrl).origin;
  return protocol === 'https:' && SLACK_HOST.test(hostname) && port === '';
}

export function replyThrough(respond: RespondFn, url: string, apiUrl: string | undefined): (message: Message) => Promise<void> {
  return async (message) => {
    if (!mayAnswerTo(url, apiUrl)) throw new Error('refused to answer to a response_url that is not Slack’s');
    await respond({ response_type: 'ephemeral', replace_original: false, ...message });
  };
}
