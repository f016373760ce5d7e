// What approvers (and the requester they ask) say in a dialog: the buttons that open them, and what is submitted.
import { z } from 'zod';
import { locateClick } from '../app/locate-click.ts';
import { questionFor } from '../app/question-for.ts';
import { AllocationId } from '../domain/host-protocol.ts';
import { parseDurationSeconds } from '../domain/grammar/duration.ts';
import { refuse } from '../domain/refusal.ts';
import { endOfDay } from '../domain/time-words.ts';
import { aboutOf, type Filled } from './filled.ts';
import type { GuardedTurn } from './guard.ts';
import type { Hearing } from './hearing.ts';
import { openModal } from './modals.ts';
import type { Pressed } from './pressed.ts';
import { submission } from './submissions.ts';
import { alsoModal, approveLessModal, askModal, denyModal, fieldsOf, handOverModal, replyModal } from './views/approver-modals.ts';
import type { SentView } from './views/modal.ts';
import { wrongAmount, wrongDay, wrongLength } from './words/approver-modals.ts';

/** An approver's button: it stands on a card of theirs, and they may answer. */
async function questionAt({ app }: Hearing, turn: GuardedTurn, { id, place }: Pressed) {
  await turn.inTime(locateClick(app, turn.member, { whose: 'approver', id, place }));
  return turn.inTime(questionFor(app, turn.member, id));
}

export async function openApproveLess(hearing: Hearing, turn: GuardedTurn, pressed: Pressed): Promise<void> {
  const { allocation, approval, holder } = await questionAt(hearing, turn, pressed);
  const { deviceCount: devices, durationSeconds, pool } = allocation;
  const asked = { devices: approval.kind === 'new' ? devices : 0, pool, seconds: approval.extendSeconds ?? durationSeconds, holder };
  await openModal(hearing, turn, pressed.triggerId, approveLessModal(pressed, asked));
}

export async function openAsk(hearing: Hearing, turn: GuardedTurn, pressed: Pressed): Promise<void> {
  const { holder } = await questionAt(hearing, turn, pressed);
  await openModal(hearing, turn, pressed.triggerId, askModal(pressed, holder));
}

export async function openDeny(hearing: Hearing, turn: GuardedTurn, pressed: Pressed): Promise<void> {
  const { holder } = await questionAt(hearing, turn, pressed);
  await openModal(hearing, turn, pressed.triggerId, denyModal(pressed, holder));
}

export async function openFromMenu(hearing: Hearing, turn: GuardedTurn, pressed: Pressed): Promise<void> {
  const { allocation, holder } = await questionAt(hearing, turn, pressed);
  const view =
    pressed.choice === 'hand_over'
      ? handOverModal()
      : alsoModal(pressed, { holder, pool: allocation.pool, devices: allocation.deviceCount, seconds: allocation.durationSeconds });
  await openModal(hearing, turn, pressed.triggerId, view);
}

export async function openReply(hearing: Hearing, turn: GuardedTurn, pressed: Pressed): Promise<void> {
  const { id, place, triggerId } = pressed;
  await turn.inTime(locateClick(hearing.app, turn.member, { whose: 'holder', id, place }));
  await openModal(hearing, turn, triggerId, replyModal(pressed));
}

const About = z.strictObject({ id: AllocationId, version: z.int().positive() });

/** Which question a dialog was opened for. */
function about(view: SentView): z.infer<typeof About> {
  return aboutOf(About, view) ?? refuse({ code: 'outdated_card', id: 'it' });
}

export const approveLess = submission({
  read: async (_, __, { view, filled }) => {
    const devices = amountIn(filled, fieldsOf.devices);
    const seconds = lengthIn(filled, fieldsOf.time);
    const errors = {
      ...(devices === null ? { [fieldsOf.devices]: wrongAmount() } : {}),
      ...(seconds === null ? { [fieldsOf.time]: wrongLength() } : {}),
    };
    if (devices === null || seconds === null) return { errors };
    const words = filled.one(fieldsOf.words);
    const less = { ...(devices === undefined ? {} : { devices }), ...(seconds === undefined ? {} : { seconds }) };
    return { asks: [{ verb: 'approve', ask: { ...about(view), ...less, ...(words === null ? {} : { words }) } }] };
  },
  besides: (refusal) => {
    if (refusal.code !== 'not_lower') return null;
    return refusal.what === 'devices' ? fieldsOf.devices : fieldsOf.time;
  },
});

export const approveAlso = submission({
  read: async (_, __, { view, filled }) => {
    const [devices, days] = [amountIn(filled, fieldsOf.devices), amountIn(filled, fieldsOf.days)];
    const errors = {
      ...(devices === null || devices === undefined ? { [fieldsOf.devices]: wrongAmount() } : {}),
      ...(days === null || days === undefined || days > 90 ? { [fieldsOf.days]: wrongAmount(90) } : {}),
    };
    if (Object.keys(errors).length > 0) return { errors };
    return { asks: [{ verb: 'approve', ask: { ...about(view), also: { devices, days } } }] };
  },
});

export const denyWithReason = submission({
  read: async (_, __, { view, filled }) => {
    const words = filled.one(fieldsOf.words);
    return { asks: [{ verb: 'deny', ask: { ...about(view), ...(words === null ? {} : { words }) } }] };
  },
});

export const askTheRequester = submission({
  read: async (_, __, { view, filled }) => ({ asks: [{ verb: 'ask', ask: { ...about(view), words: filled.one(fieldsOf.words) } }] }),
});

export const replyToApprovers = submission({
  read: async (_, __, { view, filled }) => ({ asks: [{ verb: 'reply', ask: { id: about(view).id, words: filled.one(fieldsOf.words) } }] }),
});

export const handOverApprovals = submission({
  read: async ({ app }, { member }, { filled }) => {
    const until = endOfDay(filled.one(fieldsOf.day) ?? '', member.zone);
    if (until === null || until <= app.clock.now()) return { errors: { [fieldsOf.day]: wrongDay() } };
    return { asks: [{ verb: 'hand_over', ask: { to: filled.one(fieldsOf.person), until: until.toISOString() } }] };
  },
  besides: () => fieldsOf.person,
});

/** Undefined where the dialog has no such field, or it was left empty; null for what is no such number. */
function amountIn(filled: Filled, block: string): number | null | undefined {
  const typed = filled.one(block);
  if (typed === null) return undefined;
  return /^[1-9][0-9]{0,4}$/.test(typed.trim()) ? Number(typed) : null;
}

function lengthIn(filled: Filled, block: string): number | null | undefined {
  const typed = filled.one(block);
  return typed === null ? undefined : parseDurationSeconds(typed);
}
