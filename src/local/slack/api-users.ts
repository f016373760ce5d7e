// users.* and usergroups.* of the Web API.
import { IANAZone } from 'luxon';
import { ApiError, flag, page, text } from './api-args.ts';
import type { ApiContext, Methods } from './api-context.ts';
import { SLACKBOT, type Json, type JsonObject, type Member, type Usergroup } from './state.ts';

export const userMethods: Methods = {
  'users.info': (context, args) => {
    const member = context.workspace.members.get(text(args, 'user'));
    if (member === undefined) throw new ApiError('user_not_found');
    return { user: memberJson(context, member) };
  },
  'users.list': (context, args) => {
    const { items, response_metadata } = page(args, [...context.workspace.members.values()], 1000);
    return { members: items.map((member) => memberJson(context, member)), response_metadata };
  },
  'usergroups.list': (context, args) => ({
    usergroups: [...context.workspace.usergroups.values()].map((group) => groupJson(context, group, flag(args, 'include_users'))),
  }),
  'usergroups.users.list': (context, args) => {
    const group = context.workspace.usergroups.get(text(args, 'usergroup'));
    if (group === undefined) throw new ApiError('no_such_subteam');
    return { users: active(context, group) };
  },
};

/** Deactivated people drop out of the user groups they were in. */
function active({ workspace }: ApiContext, group: Usergroup): readonly string[] {
  return group.members.filter((id) => workspace.members.get(id)?.kind !== 'deactivated');
}

function groupJson(context: ApiContext, group: Usergroup, withUsers: boolean): JsonObject {
  const users = active(context, group);
  return {
    id: group.id,
    team_id: context.workspace.team.id,
    is_usergroup: true,
    handle: group.handle,
    name: group.name,
    description: '',
    date_delete: 0,
    user_count: users.length,
    ...(withUsers ? { users } : {}),
  };
}

/** A user object as users.info answers it. Slackbot is `is_bot: false` there, as in Slack. */
function memberJson({ workspace, now }: ApiContext, member: Member): JsonObject {
  const { kind } = member;
  const profile: Record<string, Json> = {
    real_name: member.realName,
    real_name_normalized: member.realName,
    display_name: member.name,
    display_name_normalized: member.name,
    team: member.teamId,
    ...(member.id === workspace.app.botUserId ? { bot_id: workspace.app.botId, api_app_id: workspace.app.id } : {}),
  };
  const identity = { id: member.id, team_id: member.teamId, name: member.name, deleted: kind === 'deactivated', profile, updated: 0 };
  const bot = kind === 'bot' && member.id !== SLACKBOT;
  if (kind === 'deactivated') return { ...identity, is_bot: false, is_app_user: false };
  return {
    ...identity,
    real_name: member.realName,
    tz: member.tz,
    tz_label: member.tz,
    tz_offset: IANAZone.create(member.tz).offset(now().getTime()) * 60,
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: kind === 'guest' || kind === 'ultra_guest',
    is_ultra_restricted: kind === 'ultra_guest',
    is_bot: bot,
    is_app_user: false,
    is_email_confirmed: !bot,
    ...(kind === 'stranger' ? { is_stranger: true } : {}),
  };
}
