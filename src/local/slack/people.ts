// Filling the workspace: members, channels and user groups, as a test or the demo seeds them.
import { IANAZone } from 'luxon';
import { dmWith, seconds, type Channel, type Member, type MemberKind, type Usergroup, type Workspace } from './state.ts';

export interface NewMember {
  readonly id?: string;
  readonly name: string;
  readonly realName?: string;
  /** IANA zone; Etc/UTC when left out. */
  readonly tz?: string;
  readonly kind?: MemberKind;
}

export interface NewChannel {
  readonly id?: string;
  readonly name: string;
  /** User ids. The bot is in too unless `withoutBot`. */
  readonly members: readonly string[];
  readonly private?: boolean;
  readonly withoutBot?: boolean;
}

export interface NewUsergroup {
  readonly handle: string;
  readonly name?: string;
  readonly members: readonly string[];
}

/** Adds a member, or changes the one with this id (a member who is deactivated, say). */
export function addMember(workspace: Workspace, given: NewMember): Member {
  const kind = given.kind ?? 'member';
  const tz = given.tz ?? 'Etc/UTC';
  if (!IANAZone.isValidZone(tz)) throw new Error(`${tz} is no time zone.`);
  const member: Member = {
    id: given.id ?? workspace.nextId('U'),
    teamId: kind === 'stranger' ? workspace.nextId('T') : workspace.team.id,
    name: given.name,
    realName: given.realName ?? given.name,
    tz,
    kind,
  };
  workspace.members.set(member.id, member);
  if (kind !== 'bot' && kind !== 'deactivated') dmWith(workspace, member.id);
  workspace.changed();
  return member;
}

export function addChannel(workspace: Workspace, given: NewChannel): Channel {
  const bot = given.withoutBot === true ? [] : [workspace.app.botUserId];
  const channel: Channel = {
    id: given.id ?? workspace.nextId('C'),
    name: given.name,
    kind: given.private === true ? 'private' : 'public',
    members: new Set([...given.members, ...bot]),
    created: seconds(workspace),
    messages: [],
  };
  workspace.channels.set(channel.id, channel);
  workspace.changed();
  return channel;
}

/** Adds a user group, or replaces the members of the one with this handle. */
export function addUsergroup(workspace: Workspace, given: NewUsergroup): Usergroup {
  const known = [...workspace.usergroups.values()].find((each) => each.handle === given.handle);
  const group: Usergroup = {
    id: known?.id ?? workspace.nextId('S'),
    handle: given.handle,
    name: given.name ?? known?.name ?? given.handle,
    members: given.members,
  };
  workspace.usergroups.set(group.id, group);
  workspace.changed();
  return group;
}
