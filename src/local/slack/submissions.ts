// Submitting and closing modals: what Slack's client asks for first, what the app's ack makes of the stack, what is told on closing.
import { memberOf, outcomeOf, statusOf, type Acting, type Outcome } from './acting.ts';
import { ApiError } from './api-args.ts';
import { unanswered } from './asking.ts';
import { closedPayload, submissionPayload } from './interactions.ts';
import { isObject } from './shape.ts';
import type { Json, JsonObject, Marks, View, Workspace } from './state.ts';
import { answersOf, closeModals, pushModal, stackOf, topOf, updateView } from './views.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';

interface SubmitResult {
  /** `failed`: the app answered an error, or something that Slack would not take. */
  readonly outcome: 'closed' | 'cleared' | 'errors' | 'updated' | 'pushed' | 'timeout' | 'failed';
  /** False where Slack's client itself asked for more: the app heard nothing. */
  readonly delivered: boolean;
  readonly status: number | undefined;
  /** The messages beside fields, by block_id. */
  readonly errors: Readonly<Record<string, string>>;
  /** What Slack would not take about the answer. */
  readonly problems: readonly string[];
}

export interface Submissions {
  /** Presses the submit button of the modal on top. */
  submit(user: string): Promise<SubmitResult>;
  /** Closes the modal on top; with `all` (the cross) the whole stack. Resolves with what became of each view_closed. */
  closeView(user: string, options?: { all?: boolean }): Promise<{ told: Outcome[] }>;
}

export function createSubmissions({ workspace, deliveries, fresh }: Acting): Submissions {
  const openFor = (user: string) => {
    const by = memberOf(workspace, user);
    const view = topOf(workspace, user);
    if (view === undefined) throw new Error(`${by.name} has no modal open.`);
    return { by, view };
  };

  return {
    async submit(user) {
      const { by, view } = openFor(user);
      if (view.json['submit'] === null) throw new Error(`The modal that ${by.name} sees has no submit button.`);
      const errors = unanswered(view.blocks, answersOf(workspace, user, view.id));
      const nothing = { status: undefined, errors: {}, problems: [] };
      if (Object.keys(errors).length > 0) {
        mark(workspace, view, { errors, trouble: undefined });
        return { ...nothing, outcome: 'errors', delivered: false, errors };
      }
      mark(workspace, view, undefined);
      const ack = await deliveries.send({ kind: 'interactive', payload: submissionPayload(workspace, by, view, fresh(by, undefined)) });
      const told = { ...nothing, delivered: true, status: statusOf(ack) };
      if (ack.outcome === 'acked') return { ...told, ...follow(workspace, view, ack.body) };
      mark(workspace, view, { errors: {}, trouble: TROUBLE });
      return { ...told, outcome: ack.outcome };
    },
    async closeView(user, { all = false } = {}) {
      const { by, view } = openFor(user);
      const stack = stackOf(workspace, user);
      const isCleared = all || view.json['clear_on_close'] === true;
      const closing = isCleared ? stack.toReversed() : [view];
      const payloads = closing
        .filter(({ json }) => json['notify_on_close'] === true)
        .map((each) => closedPayload(workspace, by, each, fresh(by, undefined), isCleared));
      closeModals(workspace, user, closing.length);
      const acks = await Promise.all(payloads.map((payload) => deliveries.send({ kind: 'interactive', payload })));
      return { told: acks.map(outcomeOf) };
    },
  };
}

type Followed = Pick<SubmitResult, 'outcome'> & Partial<SubmitResult>;

/** Does what the ack of a submission asks for; what Slack would not take leaves the modal with the line of trouble. */
function follow(workspace: Workspace, view: View, body: Json): Followed {
  try {
    return respondTo(workspace, view, isObject(body) ? body : plain(body));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    mark(workspace, view, { errors: {}, trouble: TROUBLE });
    const reasons = error.extra['errors'];
    return { outcome: 'failed', problems: Array.isArray(reasons) ? (reasons as string[]) : [error.message] };
  }
}

function respondTo(workspace: Workspace, view: View, response: JsonObject): Followed {
  const stack = stackOf(workspace, view.user);
  const place = stack.findIndex(({ id }) => id === view.id);
  const now = stack[place];
  switch (response['response_action']) {
    case undefined:
      if (now !== undefined) closeModals(workspace, view.user, stack.length - place);
      return { outcome: 'closed' };
    case 'clear':
      closeModals(workspace, view.user, stack.length);
      return { outcome: 'cleared' };
    case 'update':
      if (now !== undefined) updateView(workspace, now, response['view'] ?? null);
      return { outcome: 'updated' };
    case 'push':
      pushModal(workspace, view.user, response['view'] ?? null);
      return { outcome: 'pushed' };
    case 'errors': {
      const errors = besideFields(now ?? view, response['errors'] ?? null);
      mark(workspace, view, { errors, trouble: undefined });
      return { outcome: 'errors', errors };
    }
    default:
      throw new ApiError('unknown response_action');
  }
}

/** The messages, each for an input block that is there: Slack shows none of them when one is for something else. */
function besideFields(view: View, given: Json): Record<string, string> {
  const inputs = view.blocks.filter((block) => block['type'] === 'input').map((block) => block['block_id']);
  const entries = isObject(given) ? Object.entries(given) : [];
  if (entries.length === 0) throw new ApiError('errors has no message');
  const stray = entries.find(([blockId]) => !inputs.includes(blockId));
  if (stray !== undefined) throw new ApiError(`errors names ${stray[0]}, which is no input block of the view`);
  return Object.fromEntries(entries.map(([blockId, message]) => [blockId, String(message as string)]));
}

/** An ack without JSON: empty closes the modal, words are nothing that Slack knows. */
function plain(body: Json): JsonObject {
  if (body === '' || body === null) return {};
  throw new ApiError('the ack is neither empty nor an object');
}

function mark(workspace: Workspace, { id, user }: View, marks: Marks | undefined): void {
  if (marks === undefined || !stackOf(workspace, user).some((each) => each.id === id)) workspace.marks.delete(id);
  else workspace.marks.set(id, marks);
  workspace.changed();
}
