// A channel that the bot cannot write to, told to the admins.
import { code } from './common.ts';

export function channelClosedWords(channel: string, error: string): string {
  return `Slack does not let me write in <#${channel}> (it says ${code(error)}), so nobody sees the requests that wait for an approval there. Invite me to the channel again, or name another one under \`channel:\` in the policy file. I keep trying.`;
}
