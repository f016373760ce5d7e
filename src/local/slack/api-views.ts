// views.* of the Web API: modals for whoever's trigger is traded in, and Home tabs.
import { ApiError, optionalText, refuseProblems, structured, text, type Args } from './api-args.ts';
import type { Methods } from './api-context.ts';
import type { Json } from './state.ts';
import { checkView } from './view-rules.ts';
import { findView, openModal, publishHome, pushModal, updateView, viewJson } from './views.ts';

export const viewMethods: Methods = {
  'views.open': ({ workspace, triggers }, args) => {
    const view = modal(args);
    return { view: viewJson(workspace, openModal(workspace, triggers.exchange(text(args, 'trigger_id')), view)) };
  },
  'views.push': ({ workspace, triggers }, args) => {
    const view = modal(args);
    return { view: viewJson(workspace, pushModal(workspace, triggers.exchange(text(args, 'trigger_id')), view)) };
  },
  'views.update': ({ workspace }, args) => {
    const [id, external] = [optionalText(args, 'view_id'), optionalText(args, 'external_id')];
    if (id === undefined && external === undefined) refuseProblems('invalid_arguments', ['missing required field: view_id']);
    const known = findView(workspace, (view) => (id === undefined ? view.json['external_id'] === external : view.id === id));
    if (known === undefined) throw new ApiError('not_found');
    return { view: viewJson(workspace, updateView(workspace, known, given(args), optionalText(args, 'hash'))) };
  },
  'views.publish': ({ workspace }, args) => {
    const user = text(args, 'user_id');
    if (!workspace.members.has(user)) throw new ApiError('user_not_found');
    return { view: viewJson(workspace, publishHome(workspace, user, given(args), optionalText(args, 'hash'))) };
  },
};

function given(args: Args): Json {
  const view = structured(args, 'view', 'invalid_arguments');
  if (view === undefined) refuseProblems('invalid_arguments', ['missing required field: view']);
  return view ?? null;
}

/** A modal that Slack takes: a view it refuses costs no trigger. */
function modal(args: Args): Json {
  const view = given(args);
  refuseProblems('invalid_arguments', checkView(view, 'modal'));
  return view;
}
