// The window that asks for GPUs: opened empty at once, drawn anew with what would come of it as fields change, sent as one request or two.
import { z } from 'zod';
import { grammarContext } from '../app/grammar-context.ts';
import { previewRequest } from '../app/preview-request.ts';
import { aboutOf, filledIn } from './filled.ts';
import type { GuardedTurn } from './guard.ts';
import type { Hearing } from './hearing.ts';
import { requestFields as ids } from './ids.ts';
import { inView, openModal, redrawModal, updateModal } from './modals.ts';
import { formOf, readRequest } from './request-fields.ts';
import { submission } from './submissions.ts';
import { loadingModal, refusedField, requestModal, usualForm, type RequestAbout } from './views/request-modal.ts';
import { formWords } from './words/request-modal.ts';

const About: z.ZodType<RequestAbout> = z.object({ part: z.int().positive().nullable() });

/** Opens it for whoever just typed or clicked. */
export async function openRequest(hearing: Hearing, turn: GuardedTurn, triggerId: string): Promise<void> {
  const opened = await openModal(hearing, turn, triggerId, loadingModal());
  if (opened === null) return;
  try {
    const preview = await previewRequest(hearing.app, turn.member, 'usual');
    await updateModal(hearing, opened, requestModal(preview, usualForm(preview), turn.member.zone));
  } catch (error) {
    await updateModal(hearing, opened, loadingModal(formWords.notLoaded)).catch(() => undefined);
    throw error;
  }
}

/** A field has changed. */
export const redrawRequest = inView(async (hearing, turn, chosen) => {
  await turn.ack();
  const { app } = hearing;
  const { member } = turn;
  const filled = filledIn(chosen.view);
  const form = formOf(filled);
  const read = readRequest(form, filled.one(ids.purpose), await grammarContext(app, member));
  const [asked, problems] = 'ask' in read ? ([read.ask, []] as const) : (['unclear', read.problems] as const);
  const preview = await previewRequest(app, member, asked);
  await redrawModal(hearing, chosen, requestModal(preview, form, member.zone, problems));
});

export const requestSubmission = submission({
  read: async ({ app }, { member }, { view, filled }) => {
    const form = formOf(filled);
    const read = readRequest(form, filled.one(ids.purpose), await grammarContext(app, member));
    if ('problems' in read) return { errors: Object.fromEntries(read.problems.map(({ field, words }) => [field, words])) };
    const { ask } = read;
    const part = form.split ? (aboutOf(About, view)?.part ?? null) : null;
    if (part === null || part >= ask.devices) return { asks: [{ verb: 'request', ask }] };
    // Asked for as the window said it: the rest alone may be so small that nobody would have to be asked.
    const asks = [
      { ...ask, devices: part },
      { ...ask, devices: ask.devices - part, person: true as const },
    ];
    return { asks: asks.map((each) => ({ verb: 'request' as const, ask: each })) };
  },
  besides: (refusal, filled) => refusedField(refusal, formOf(filled)),
});
