// App Homes in Slack: who opens theirs is noted down, and what it shows is published when the ledger says so.
import type { WebClient } from '@slack/web-api';
import type { HomeView } from '@slack/types';
import type { HomeTabs } from '../app/app.ts';
import { openHome } from '../app/publish-homes.ts';
import { separateTurn, type Turn } from './guard.ts';
import type { Hearing, HomeOpenedEvent } from './hearing.ts';
import { failure } from './messenger.ts';
import { commandNamed } from './views/command-name.ts';
import { homeOfWords, homeTab } from './views/home.ts';

/** `command`: what the slash command is called here. */
export function createHomeTabs(outbox: WebClient, command: string): HomeTabs {
  return {
    show: async (user, view) => {
      try {
        await publish(outbox, user, commandNamed(homeTab(view), command));
        return { kind: 'shown' };
      } catch (error) {
        const failed = failure(error);
        return failed.kind === 'message_gone' ? { kind: 'failed', error: 'no such view', hopeless: false } : failed;
      }
    },
  };
}

/** Slack tells of every look at it. Drawing is not waited for; only who may not use Berth, or cannot be noted down, is told so at once. */
export async function hearHomeOpened(hearing: Hearing, { event, context }: HomeOpenedEvent): Promise<void> {
  const acknowledge = context['acknowledge'] as () => Promise<void>;
  if (event.tab !== 'home') return acknowledge();
  const reply: Turn['reply'] = ({ text }) => publish(hearing.clients.outbox, event.user, homeOfWords(text));
  await hearing.guard.run(separateTurn(event.user, acknowledge, reply), (guarded) => guarded.inTime(openHome(hearing.app, guarded.member)));
}

/** Over whatever is there: the ledger says who draws, not the version on the screen. */
async function publish(client: WebClient, user: string, view: HomeView): Promise<void> {
  await client.views.publish({ user_id: user, view });
}
