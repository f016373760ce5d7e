// A submitted modal: errors beside its fields, or noted down, performed once, and answered in the modal or, where that takes longer, by direct message.
import type { ViewOutput, ViewResponseAction } from '@slack/bolt';
import type { VerbName } from '../app/perform.ts';
import type { Refusal } from '../domain/refusal.ts';
import { carryOut, markTold, noteDown, type Carried, type Wish } from './change.ts';
import { filledIn, type Filled } from './filled.ts';
import type { GuardedTurn, Turn } from './guard.ts';
import { DEFAULT_COMMAND } from './ids.ts';
import type { Hear, Hearing, Submission } from './hearing.ts';
import { post } from './messenger.ts';
import { plain } from './views/answer.ts';
import type { Message } from './views/blocks.ts';
import { answerModal, errorWords, firstInput, withProblem } from './views/modal.ts';

/** What a submission asks for, or what is wrong with it: sentences by block_id of its input blocks. */
type Reading =
  | { readonly asks: readonly { readonly verb: VerbName; readonly ask: unknown }[] }
  | { readonly errors: Readonly<Record<string, string>> };

export interface SubmissionSpec {
  /** Reads what was filled in. What is wrong is told at once and nothing noted down; so is a refusal that it throws. */
  read(hearing: Hearing, turn: GuardedTurn, submitted: { readonly view: ViewOutput; readonly filled: Filled }): Promise<Reading>;
  /** The block below which a verb's refusal is shown; null: on top. */
  besides?(refusal: Refusal, filled: Filled): string | null;
}

/** Less than a decision waits for locks (2 s): who has to wait sees the modal close, and is told. */
const VERB_MS = 1700;

type Answer = (message: Message) => ViewResponseAction;

/** A listener for a submitted modal. */
export function submission(spec: SubmissionSpec): Hear<Submission> {
  return async (hearing, { body, ack, view }) => {
    // Errors leave the modal as it is, hash and all: whoever submits again after an outage is known by the same key.
    let answer: Answer = (message) => beside(view, message);
    const turn: Turn = {
      user: body.user.id,
      ack: (message) => (message === undefined ? ack() : ack(answer(message))),
      reply: async (message) => {
        await post(hearing.clients.outbox, body.user.id, message);
      },
    };
    await hearing.guard.run(turn, async (guarded) => {
      const filled = filledIn(view);
      const reading = await guarded.inTime(spec.read(hearing, guarded, { view, filled }));
      if ('errors' in reading) {
        const { errors } = reading;
        answer = () => ({ response_action: 'errors', errors: errorWords(onFields(view, errors), hearing.command) });
        return guarded.ack(plain(Object.values(errors).join('\n')));
      }
      const key = `view:${view.id}:${view.hash}`;
      const wishes = reading.asks.map((ask, index): Wish => ({ key: index === 0 ? key : `${key}:${index}`, ...ask }));
      await perform(hearing, guarded, wishes, (carried) => {
        // Its place is taken by a new version, so that what is submitted then is a delivery of its own.
        const [refused] = carried.flatMap(({ outcome }) => (outcome?.kind === 'refused' ? [outcome.refusal] : []));
        const all = carried.every(({ outcome }) => outcome?.kind === 'refused');
        const besides = refused === undefined ? null : (spec.besides?.(refused, filled) ?? null);
        answer = (message) => ({
          response_action: 'update',
          view: all ? withProblem(view, message.text, besides) : answerModal(view, message),
        });
      });
    });
  };
}

async function perform(
  { app }: Hearing,
  turn: GuardedTurn,
  wishes: readonly Wish[],
  prepare: (carried: readonly Carried[]) => void,
): Promise<void> {
  const { member } = turn;
  const fresh = await turn.inTime(Promise.all(wishes.map((wish) => noteDown(app, member, wish))));
  const mine = wishes.filter((_, index) => fresh[index]);
  // A redelivery: the first one is answered where it was performed.
  if (mine.length === 0) return turn.ack();
  const performing = inTurn(mine, (wish) => carryOut(app, member, wish));
  const inTime = await turn.ifInTime(performing, VERB_MS);
  if (inTime === null) await turn.ack();
  else prepare(inTime.value);
  const carried = await performing;
  const message = joined(carried.flatMap((one) => one.message ?? []));
  if (message === null) await turn.ack();
  else await (inTime === null ? turn.reply(message) : turn.ack(message));
  await inTurn(mine, (wish, index) => markTold(app, wish, carried[index] ?? { outcome: null, message: null }));
}

/** One after the other: what the first takes counts for the second. */
async function inTurn<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}

function joined(messages: readonly Message[]): Message | null {
  if (messages.length === 0) return null;
  return { text: messages.map(({ text }) => text).join('\n'), blocks: messages.flatMap(({ blocks }) => blocks) };
}

/** Slack shows none of them when one names a field that is not there; only who tampers sends such. */
function onFields(view: ViewOutput, errors: Readonly<Record<string, string>>): Record<string, string> {
  const inputs = view.blocks.filter(({ type }) => type === 'input').map(({ block_id: id }) => id);
  return Object.fromEntries(
    Object.entries(errors).map(([block, words]) => [inputs.includes(block) ? block : (firstInput(view) ?? block), words]),
  );
}

function beside(view: ViewOutput, { text }: Message): ViewResponseAction {
  const block = firstInput(view);
  if (block === null) return { response_action: 'update', view: withProblem(view, text, null) };
  return { response_action: 'errors', errors: errorWords({ [block]: text }, DEFAULT_COMMAND) };
}
