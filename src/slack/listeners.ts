// Everything that Berth hears from Slack, each with what it does: the Bolt app registers this table, and the manifest is made from it.
import { locateClick } from '../app/locate-click.ts';
import type { VerbName } from '../app/perform.ts';
import { change } from './change.ts';
import { converse } from './converse.ts';
import {
  approveAlso,
  approveLess,
  askTheRequester,
  denyWithReason,
  handOverApprovals,
  openApproveLess,
  openAsk,
  openDeny,
  openFromMenu,
  openReply,
  replyToApprovers,
} from './approver-modals.ts';
import { separateTurn, type Turn } from './guard.ts';
import type { Click, Command, Hear, Hearing, Listeners, MessageEvent, Submission, ViewClick } from './hearing.ts';
import { hearHomeOpened } from './home-tab.ts';
import { actions, callbacks, openers, requestFields, type ActionId, type CallbackId, type OpenerId, type RequestField } from './ids.ts';
import { post } from './messenger.ts';
import { onClick, onMessage } from './pressed.ts';
import { openRequest, redrawRequest, requestSubmission } from './request-modal.ts';
import { replyThrough } from './response-url.ts';
import { plain } from './views/answer.ts';
import type { Message } from './views/blocks.ts';
import { ONLY_FILES } from './words/help.ts';

export const listeners = {
  command: {
    description: 'Ask for GPUs, see what is free, give them back',
    usageHint: 'request 1 gpu for 2h -- why, or help for everything else',
    hear: hearCommand,
  },
  actions: {
    [actions.approve]: clickOn('approve', 'approver'),
    [actions.approveLess]: onMessage(openApproveLess),
    [actions.ask]: onMessage(openAsk),
    [actions.deny]: onMessage(openDeny),
    [actions.more]: onMessage(openFromMenu),
    [actions.reply]: onMessage(openReply),
    [actions.decline]: clickOn('decline', 'holder'),
    [actions.cancel]: clickOn('cancel', 'holder'),
    [actions.extend]: clickOn('extend', 'holder'),
    [actions.release]: clickOn('release', 'holder'),
    [openers.request]: onClick((hearing, turn, { body }) => openRequest(hearing, turn, body.trigger_id)),
  } satisfies Record<ActionId | OpenerId, Hear<Click>>,
  viewActions: {
    [requestFields.pool]: redrawRequest,
    [requestFields.devices]: redrawRequest,
    [requestFields.length]: redrawRequest,
    [requestFields.time]: redrawRequest,
    [requestFields.image]: redrawRequest,
    [requestFields.split]: redrawRequest,
  } satisfies Record<Exclude<RequestField, typeof requestFields.purpose>, Hear<ViewClick>>,
  views: {
    [callbacks.approveLess]: approveLess,
    [callbacks.also]: approveAlso,
    [callbacks.deny]: denyWithReason,
    [callbacks.ask]: askTheRequester,
    [callbacks.reply]: replyToApprovers,
    [callbacks.handOver]: handOverApprovals,
    [callbacks.request]: requestSubmission,
  } satisfies Record<CallbackId, Hear<Submission>>,
  events: {
    'message.im': { type: 'message', hear: hearMessage },
    app_home_opened: { type: 'app_home_opened', hear: hearHomeOpened },
  },
} satisfies Listeners;

async function hearCommand(hearing: Hearing, { body, ack, respond }: Command): Promise<void> {
  const turn: Turn = {
    user: body.user_id,
    reply: replyThrough(respond, body.response_url, hearing.apiUrl),
    ack: (message) => ack(message === undefined ? undefined : { response_type: 'ephemeral', ...message }),
  };
  const { trigger_id: triggerId, text: raw } = body;
  await hearing.guard.run(turn, (guarded) => converse(hearing, guarded, { raw, triggerId, key: `command:${triggerId}` }));
}

async function hearMessage(hearing: Hearing, { event, body, context }: MessageEvent): Promise<void> {
  const acknowledge = context['acknowledge'] as () => Promise<void>;
  // Joins, edits and what bots write are no words to the bot; Bolt leaves out our own.
  if (event.channel_type !== 'im' || (event.subtype !== undefined && event.subtype !== 'file_share') || isOfBot(event))
    return acknowledge();
  const reply = async (message: Message) => {
    await post(hearing.clients.outbox, event.channel, message);
  };
  const text = event.text ?? '';
  await hearing.guard.run(separateTurn(event.user, acknowledge, reply), (guarded) =>
    text.trim() === '' && event.subtype === 'file_share'
      ? guarded.ack(plain(ONLY_FILES))
      : converse(hearing, guarded, { raw: text, triggerId: null, key: `event:${body.event_id}` }),
  );
}

function isOfBot(event: object): boolean {
  return 'bot_id' in event && event.bot_id !== undefined;
}

/** A button that performs a verb at once. */
function clickOn(verb: VerbName, whose: 'approver' | 'holder'): Hear<Click> {
  return onMessage(async ({ app }, turn, { id, version, place, actionTs }) => {
    await turn.inTime(locateClick(app, turn.member, { whose, id, place }));
    const at = place === null ? ['home'] : [place.channel, place.ts];
    const key = ['click', turn.member.slackTeam, turn.user, ...at, verb, actionTs].join(':');
    await change(app, turn, { key, verb, ask: { id, version } });
  });
}
