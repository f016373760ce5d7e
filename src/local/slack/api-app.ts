// auth.test, apps.connections.open and views.publish of the Web API.
import { ApiError, optionalText, refuseProblems, structured, text } from './api-args.ts';
import type { Methods } from './api-context.ts';
import { giveIds } from './block-reading.ts';
import { checkBlocks } from './blocks.ts';
import { isObject } from './shape.ts';
import { BOT_NAME, type Block, type JsonObject } from './state.ts';

const HOME_BLOCKS_MAX = 100;
const HOME_FIELDS = ['type', 'blocks', 'private_metadata', 'callback_id', 'external_id'];

export const appMethods: Methods = {
  'auth.test': ({ workspace, origin }) => ({
    url: `${origin()}/`,
    team: workspace.team.name,
    user: BOT_NAME,
    team_id: workspace.team.id,
    user_id: workspace.app.botUserId,
    bot_id: workspace.app.botId,
    is_enterprise_install: false,
  }),
  'apps.connections.open': ({ socketUrl }) => ({ url: socketUrl() }),
  'views.publish': (context, args) => {
    const { workspace } = context;
    const user = text(args, 'user_id');
    if (!workspace.members.has(user)) throw new ApiError('user_not_found');
    const view = structured(args, 'view', 'invalid_arguments');
    if (!isObject(view)) throw new ApiError('invalid_arguments');
    refuseProblems('invalid_arguments', problemsOf(view));
    const hash = optionalText(args, 'hash');
    const known = workspace.homes.get(user);
    if (hash !== undefined && known !== undefined && hash !== known.hash) throw new ApiError('hash_conflict');
    const blocks = giveIds(view['blocks'] as readonly Block[], workspace);
    const id = known?.id ?? workspace.nextId('V');
    const next = `${workspace.nextTs()}.${workspace.nextId('h')}`;
    const shown: JsonObject = {
      callback_id: '',
      private_metadata: '',
      external_id: '',
      ...view,
      id,
      team_id: workspace.team.id,
      app_id: workspace.app.id,
      app_installed_team_id: workspace.team.id,
      bot_id: workspace.app.botId,
      blocks,
      state: { values: {} },
      hash: next,
      root_view_id: id,
      previous_view_id: null,
      title: { type: 'plain_text', text: 'View Title', emoji: true },
      clear_on_close: false,
      notify_on_close: false,
      close: null,
      submit: null,
    };
    workspace.homes.set(user, { id, hash: next, blocks, view: shown });
    workspace.changed();
    return { view: shown };
  },
};

function problemsOf(view: JsonObject): string[] {
  const out: string[] = [];
  if (view['type'] !== 'home') out.push('must be one of: home [json-pointer:/view/type]');
  for (const field of Object.keys(view)) {
    if (!HOME_FIELDS.includes(field)) out.push(`invalid additional property: ${field} [json-pointer:/view]`);
  }
  const metadata = view['private_metadata'];
  if (typeof metadata === 'string' && metadata.length > 3000)
    out.push('must be less than 3001 characters [json-pointer:/view/private_metadata]');
  return [...out, ...checkBlocks(view['blocks'], { max: HOME_BLOCKS_MAX, root: '/view/blocks' })];
}
