// The Slack app manifest, made from the same table that registers the listeners.
import { listens } from './bolt-app.ts';

const SCOPES = [
  'commands',
  'chat:write',
  'im:write',
  'im:history',
  'users:read',
  'usergroups:read',
  'channels:read',
  'groups:read',
] as const;

/** For Socket Mode; without it, set the three request URLs to https://YOUR-HOST/slack/events. */
export function manifest() {
  return {
    display_information: { name: 'Berth', description: 'Gives the team its GPUs', background_color: '#1f3a4d' },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Berth', always_online: true },
      slash_commands: [
        {
          command: listens.command,
          description: 'Ask for GPUs, see what is free, give them back',
          usage_hint: 'request 1 a100 for 2h -- why | status | mine | release | help',
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...SCOPES] } },
    settings: {
      event_subscriptions: { bot_events: [...listens.events] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
}
