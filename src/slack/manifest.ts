// The Slack app manifest, made from the same table that registers the listeners.
import { listeners } from './listeners.ts';

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

/** Buttons, what is chosen in modals, and modals themselves. */
const isInteractive = [listeners.actions, listeners.viewActions, listeners.views].some((table) => Object.keys(table).length > 0);

/** `command`: the slash command's name. For Socket Mode; without it, set the three request URLs to https://YOUR-HOST/slack/events. */
export function manifest(command: string) {
  return {
    display_information: { name: 'Berth', description: 'Gives the team its GPUs', background_color: '#1f3a4d' },
    features: {
      app_home: {
        home_tab_enabled: 'app_home_opened' in listeners.events,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: 'Berth', always_online: true },
      slash_commands: [
        { command, description: listeners.command.description, usage_hint: listeners.command.usageHint, should_escape: true },
      ],
    },
    oauth_config: { scopes: { bot: [...SCOPES] } },
    settings: {
      event_subscriptions: { bot_events: Object.keys(listeners.events) },
      interactivity: { is_enabled: isInteractive },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
}
