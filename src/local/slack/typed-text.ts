// What Slack makes of typed text before an app gets it: entities escaped, names turned into ids.
import type { Workspace } from './state.ts';

/** `command`: `should_escape` form with names (`<@U1|ada>`); `message`: ids only (`<@U1>`). */
export function escapeTyped(workspace: Workspace, text: string, form: 'command' | 'message'): string {
  const label = (name: string) => (form === 'command' ? `|${name}` : '');
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const links = escaped.replace(/\bhttps?:\/\/[^\s|]+/g, (url) => `<${url}>`);
  // A mention already written as Slack's own (`<@U1>`, `<@U1|ada>`, `<#C1>`) is what the name picker made of it.
  const picked = links.replace(/&lt;([@#])([A-Z0-9]+)(?:\|[^&|\s]*)?&gt;/g, (whole, mark: string, id: string) => {
    const name = mark === '@' ? workspace.members.get(id)?.name : workspace.channels.get(id)?.name;
    return name === undefined ? whole : `<${mark}${id}${label(name)}>`;
  });
  return picked.replace(/(?<![\w<|])([@#])([\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?)/gu, (whole, mark: string, name: string) => {
    return mark === '@' ? mention(workspace, name, label) : channelLink(workspace, name, label, whole);
  });
}

function mention(workspace: Workspace, name: string, label: (name: string) => string): string {
  const member = [...workspace.members.values()].find((each) => each.name === name);
  if (member !== undefined) return `<@${member.id}${label(name)}>`;
  const group = [...workspace.usergroups.values()].find((each) => each.handle === name);
  return group === undefined ? `@${name}` : `<!subteam^${group.id}${label(`@${name}`)}>`;
}

function channelLink(workspace: Workspace, name: string, label: (name: string) => string, whole: string): string {
  const channel = [...workspace.channels.values()].find((each) => each.kind !== 'dm' && each.name === name);
  return channel === undefined ? whole : `<#${channel.id}${label(name)}>`;
}
