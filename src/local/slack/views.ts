// The views members have open: a stack of modals each and a Home tab, with what they filled in. Refuses as Slack's Web API does.
import { ApiError, refuseProblems } from './api-args.ts';
import { giveIds } from './block-reading.ts';
import { fieldKey, fieldsOf, statesOf } from './fields.ts';
import type { Answers, Block, JsonObject, View, Workspace } from './state.ts';
import { checkView, isTooLarge } from './view-rules.ts';

const STACK_MAX = 3;

export function stackOf(workspace: Workspace, user: string): readonly View[] {
  return workspace.stacks.get(user) ?? [];
}

/** The modal on top: the only one the member sees. */
export function topOf(workspace: Workspace, user: string): View | undefined {
  return stackOf(workspace, user).at(-1);
}

/** Starts a new stack; one that was open is gone. */
export function openModal(workspace: Workspace, user: string, given: unknown): View {
  const id = workspace.nextId('V');
  const view = made(workspace, checked(workspace, given, 'modal'), { id, user, rootId: id, previousId: null });
  forget(workspace, stackOf(workspace, user));
  return stacked(workspace, user, [view], view);
}

/** Puts a modal on the member's stack. */
export function pushModal(workspace: Workspace, user: string, given: unknown): View {
  const stack = stackOf(workspace, user);
  const below = stack.at(-1);
  const fields = checked(workspace, given, 'modal');
  if (below === undefined) throw new ApiError('not_found');
  if (stack.length >= STACK_MAX) throw new ApiError('push_limit_reached');
  const links = { id: workspace.nextId('V'), user, rootId: stack[0]?.id ?? below.id, previousId: below.id };
  const view = made(workspace, fields, links);
  return stacked(workspace, user, [...stack, view], view);
}

/** A new version of an open view; what was filled in stays where block_id and action_id do. */
export function updateView(workspace: Workspace, view: View, given: unknown, hash?: string): View {
  const kind = view.json['type'] === 'home' ? 'home' : 'modal';
  const fields = checked(workspace, given, kind, view.id);
  if (hash !== undefined && hash !== view.hash) throw new ApiError('hash_conflict');
  const { id, user, rootId, previousId } = view;
  const next = made(workspace, fields, { id, user, rootId, previousId });
  const kept = new Set(fieldsOf(next.blocks).map(fieldKey));
  const answers = [...answersOf(workspace, user, id)].filter(([key]) => kept.has(key));
  workspace.answers.set(`${user} ${id}`, new Map(answers));
  workspace.marks.delete(id);
  if (kind === 'home') {
    workspace.homes.set(user, next);
    workspace.changed();
    return next;
  }
  const stack = stackOf(workspace, user).map((each) => (each.id === id ? next : each));
  return stacked(workspace, user, stack, next);
}

export function publishHome(workspace: Workspace, user: string, given: unknown, hash?: string): View {
  const known = workspace.homes.get(user);
  if (known !== undefined) return updateView(workspace, known, given, hash);
  const id = workspace.nextId('V');
  const view = made(workspace, checked(workspace, given, 'home'), { id, user, rootId: id, previousId: null });
  workspace.homes.set(user, view);
  workspace.changed();
  return view;
}

/** Takes the newest `count` modals off the stack. */
export function closeModals(workspace: Workspace, user: string, count: number): void {
  const stack = stackOf(workspace, user);
  const left = stack.slice(0, Math.max(0, stack.length - count));
  forget(workspace, stack.slice(left.length));
  workspace.stacks.set(user, left);
  workspace.changed();
}

/** Any view on any screen, Home tabs too. */
export function findView(workspace: Workspace, matches: (view: View) => boolean): View | undefined {
  return [...workspace.stacks.values(), [...workspace.homes.values()]].flat().find(matches);
}

/** What a member filled in on a surface: a view's id, or channel and ts of a message. */
export function answersOf(workspace: Workspace, user: string, surface: string): Answers {
  return workspace.answers.get(`${user} ${surface}`) ?? new Map<string, JsonObject>();
}

/** Replaces what is filled in there. */
export function keepAnswers(workspace: Workspace, user: string, surface: string, answers: Answers): void {
  workspace.answers.set(`${user} ${surface}`, answers);
  workspace.changed();
}

/** A view as the Web API and payloads show it, with the state of its fields. */
export function viewJson(workspace: Workspace, view: View): JsonObject {
  return { ...view.json, state: statesOf(view.blocks, answersOf(workspace, view.user, view.id)) };
}

function stacked(workspace: Workspace, user: string, stack: readonly View[], view: View): View {
  workspace.stacks.set(user, stack);
  workspace.changed();
  return view;
}

function forget(workspace: Workspace, views: readonly View[]): void {
  for (const { id, user } of views) {
    workspace.answers.delete(`${user} ${id}`);
    workspace.marks.delete(id);
  }
}

/** The view as given, when Slack would take it; `own` is the id of the view it replaces. */
function checked(workspace: Workspace, given: unknown, kind: 'modal' | 'home', own?: string): JsonObject {
  const problems = checkView(given, kind);
  refuseProblems('invalid_arguments', problems);
  if (isTooLarge(given)) throw new ApiError('view_too_large');
  const view = given as JsonObject;
  const external = view['external_id'] ?? '';
  const holder = external === '' ? undefined : findView(workspace, ({ json }) => json['external_id'] === external);
  if (holder !== undefined && holder.id !== own) throw new ApiError('duplicate_external_id');
  return view;
}

interface Links {
  readonly id: string;
  readonly user: string;
  readonly rootId: string;
  readonly previousId: string | null;
}

function made(workspace: Workspace, given: JsonObject, { id, user, rootId, previousId }: Links): View {
  const blocks = giveIds(given['blocks'] as readonly Block[], workspace);
  const hash = `${workspace.nextTs()}.${workspace.nextId('h')}`;
  const json: JsonObject = {
    callback_id: '',
    private_metadata: '',
    external_id: '',
    title: { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    ...given,
    id,
    team_id: workspace.team.id,
    app_id: workspace.app.id,
    app_installed_team_id: workspace.team.id,
    bot_id: workspace.app.botId,
    blocks,
    hash,
    root_view_id: rootId,
    previous_view_id: previousId,
  };
  return { id, user, hash, blocks, rootId, previousId, json };
}
