// auth.test and apps.connections.open of the Web API.
import type { Methods } from './api-context.ts';
import { BOT_NAME } from './state.ts';

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
};
