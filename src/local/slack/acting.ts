// What every doing of a member needs: who it is, whether they are there, and what became of the delivery.
import type { Ack, Deliveries } from './deliveries.ts';
import type { Fresh } from './payloads.ts';
import type { Channel, Member, Workspace } from './state.ts';

export type Outcome = 'acked' | 'operation_timeout' | 'dispatch_failed';

export interface Acting {
  readonly workspace: Workspace;
  readonly deliveries: Deliveries;
  /** New values for one payload; with an `origin` a response_url that answers there. */
  readonly fresh: (by: Member, origin: { channel: string; ts?: string } | undefined) => Fresh;
}

export function memberOf(workspace: Workspace, user: string): Member {
  const member = workspace.members.get(user);
  if (member === undefined) throw new Error(`Local Slack has no member ${user}.`);
  return member;
}

export function presence(workspace: Workspace, user: string, channelId: string): { by: Member; channel: Channel } {
  const by = memberOf(workspace, user);
  const channel = workspace.channels.get(channelId);
  if (channel === undefined || !channel.members.has(user)) throw new Error(`${by.name} is not in a channel ${channelId}.`);
  return { by, channel };
}

export function outcomeOf(ack: Ack): Outcome {
  if (ack.outcome === 'acked') return 'acked';
  return ack.outcome === 'timeout' ? 'operation_timeout' : 'dispatch_failed';
}

/** The app's HTTP status, where there was one. */
export function statusOf(ack: Ack): number | undefined {
  return ack.outcome === 'timeout' ? undefined : ack.status;
}
