// Row A7: who is not a member of this workspace as the policy means it can do nothing, however it is tried, and leaves no trace.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusalOfPerson, type Person } from '../../src/domain/membership.ts';
import { actions } from '../../src/slack/ids.ts';
import { readCommand } from '../../src/slack/commands.ts';
import { people, testPolicy, type PolicyChange } from '../support/policy.ts';
import { CHANNEL, startStory, type Story } from '../support/story.ts';
import { answerTo, changesNothing, commandBody, outcomes, picture, sendSigned } from './support.ts';

const outsiders = {
  guest: 'U0GUEST01',
  'ultra guest': 'U0ULTRA01',
  'Slack Connect visitor': 'U0VISIT01',
  bot: 'U0ROBOT01',
  'deactivated account': 'U0GONE001',
  'member whom Slack does not describe': 'U0BLANK01',
  'member not on the list': 'U0EXTRA01',
  'member outside the group': 'U0EXTRA02',
  'member of a group that cannot be read': 'U0EXTRA03',
} as const;
type Outsider = keyof typeof outsiders;

const refusals: Record<Outsider, RegExp> = {
  guest: /Guest accounts cannot/,
  'ultra guest': /Guest accounts cannot/,
  'Slack Connect visitor': /guest from another Slack workspace/,
  bot: /Bots cannot/,
  'deactivated account': /is deactivated/,
  'member whom Slack does not describe': /did not tell me who you are/,
  'member not on the list': /policy does not name you/,
  'member outside the group': /policy does not name you/,
  'member of a group that cannot be read': /policy does not name you/,
};

/** Every command there is, and what is none; ID stands for ada's request. */
const commands = [
  '',
  'status',
  'mine',
  'help',
  'request',
  'request 1 a100 for 2h -- fine-tune',
  '1 l4 for 1h',
  'queue',
  'queue a100',
  'quota',
  `quota <@${people.ada}>`,
  'why',
  'why ID',
  'again',
  'again ID',
  'release',
  'release ID',
  'cancel',
  'cancel ID',
  `admin quota <@${people.ada}> 9 gpus -- mine`,
  `admin grant <@${people.ada}> 9 gpu-hours -- mine`,
  'no such command',
];

let story: Story;
let groups: { readable: string; unreadable: string };
let id = '';
let card = '';

beforeAll(async () => {
  story = await startStory();
  const { slack } = story;
  const add = (who: Outsider, kind: 'member' | 'guest' | 'ultra_guest' | 'stranger' | 'bot' | 'deactivated') => {
    slack.addMember({ id: outsiders[who], name: who.replaceAll(' ', '.'), kind });
    slack.joinChannel(CHANNEL, outsiders[who]);
  };
  add('guest', 'guest');
  add('ultra guest', 'ultra_guest');
  add('Slack Connect visitor', 'stranger');
  add('bot', 'bot');
  add('deactivated account', 'deactivated');
  for (const who of Object.keys(outsiders).slice(5) as Outsider[]) add(who, 'member');
  groups = { readable: slack.addUsergroup({ handle: 'gpu', members: [people.ada] }).id, unreadable: 'S0NOTHERE' };
  await story.startHost({ name: 'gpu-01', gpus: 1 });
  await story.until(async () => (await story.gpu(people.ada, 'status')).includes('1 of 1'), 'a free GPU');
  await story.gpu(people.ada, 'request 1 a100 for 2h');
  const shown = await story.sees(people.pat, CHANNEL, /asks for/);
  card = shown.ts;
  id = /al-[0-9a-z]+/.exec(shown.words)?.[0] ?? '';
  await story.until(async () => (await outcomes(story, people.ada)).length === 1, 'the request to be settled');
});
afterAll(async () => story.end());

/** Everybody is an approver and admin here, so that only membership stands in the way. */
async function policyFor(who: Outsider): Promise<void> {
  const everybody = [...Object.values(people), ...Object.values(outsiders)];
  const members: Partial<Record<Outsider, unknown>> = {
    'member not on the list': { list: Object.values(people) },
    'member outside the group': { group: groups.readable },
    'member of a group that cannot be read': { group: groups.unreadable },
  };
  const change: PolicyChange = { approvers: everybody, admins: everybody, members: members[who] ?? 'everyone' };
  await story.setPolicy(testPolicy(change));
}

/** Slack's look-up fails in all its ways, one after the other, once per delivery. */
const lookUpFaults = [{ error: 'user_not_found' }, { status: 500 }, { status: 429, retryAfter: 30 }, 'reset'] as const;
let deliveries = 0;
function beforeDelivery(who: Outsider): void {
  story.slack.fail.clear();
  if (who !== 'member whom Slack does not describe') return;
  const fault = lookUpFaults[deliveries++ % lookUpFaults.length];
  if (fault !== undefined) story.slack.fail.next('users.info', fault);
}

describe.each(Object.keys(outsiders) as Outsider[])('a %s', (who) => {
  const user = outsiders[who];
  beforeAll(async () => policyFor(who));
  afterAll(() => story.slack.fail.clear());

  it('is refused privately whatever is typed, and is not known afterwards', async () => {
    await changesNothing(story, async () => {
      for (const text of commands) {
        beforeDelivery(who);
        const { message } = await story.slack.command(user, CHANNEL, '/gpu', text.replace('ID', id));
        expect(message?.words).toMatch(refusals[who]);
        expect(message?.ephemeral).toBe(true);
      }
    });
  });

  it('is refused in direct messages to the bot', async () => {
    const dm = story.slack.dm(user);
    const refused = () =>
      story.slack.messagesSeenBy(user, dm).filter(({ words, buttons }) => refusals[who].test(words) && buttons.length === 0);
    await changesNothing(story, async () => {
      for (const [index, text] of commands.entries()) {
        beforeDelivery(who);
        await story.slack.say(user, dm, text === '' ? ' ' : text.replace('ID', id));
        await story.slack.waitFor(() => refused().length > index, 5000, `the refusal of ${text}`);
      }
    });
    expect(refused()).toHaveLength(commands.length);
  });

  it('presses buttons of a card in vain', async () => {
    await changesNothing(story, async () => {
      for (const actionId of Object.values(actions)) {
        beforeDelivery(who);
        const click = () => story.slack.click(user, { channel: CHANNEL, ts: card }, 'approve', { tamper: { actionId } });
        expect(await answerTo(story, user, CHANNEL, click)).toMatch(refusals[who]);
      }
    });
  });
});

it('has tried every command', () => {
  const kinds = new Set(commands.map((text) => readCommand(text).kind));
  expect([...kinds].toSorted()).toEqual([
    'admin',
    'again',
    'cancel',
    'help',
    'mine',
    'queue',
    'quota',
    'release',
    'request',
    'status',
    'unknown',
    'why',
  ]);
});

it('knows nobody of whom Slack has never heard', async () => {
  await changesNothing(story, async () => {
    const { status, body } = await sendSigned(story, { body: commandBody(story, 'U0NOBODY1', 'request 1 a100') });
    expect(status).toBe(200);
    expect(body).toMatch(/did not tell me who you are/);
  });
});

it('tells nobody else about any of it', () => {
  const open = story.slack.messagesSeenBy(people.pat, CHANNEL).filter(({ ephemeral }) => !ephemeral);
  expect(open.map(({ ts }) => ts)).toEqual([card]);
});

it('admits guests and members as soon as the policy names them', async () => {
  await story.setPolicy(testPolicy({ guests: [outsiders.guest], members: { group: groups.readable } }));
  expect(await story.gpu(outsiders.guest, 'status')).toMatch(/GPUs are free/);
  expect(await story.gpu(people.ada, 'status')).toMatch(/GPUs are free/);
  const members = (await picture(story)).filter((row) => row.startsWith('members'));
  expect(members.map((row) => [people.ada, outsiders.guest].some((user) => row.includes(user)))).toEqual([true, true]);
});

it('goes by the person’s own team, not by the workspace the request came through', () => {
  const home = { team: 'T1', enterprise: 'E1' };
  const person: Person = {
    team: 'T1',
    enterprise: null,
    user: 'U1',
    name: 'a',
    zone: 'UTC',
    deleted: false,
    bot: false,
    stranger: false,
    guest: false,
  };
  const policy = testPolicy();
  const why = (change: Partial<Person>, at = home) => {
    const refusal = refusalOfPerson({ ...person, ...change }, at, policy, null);
    return refusal?.code === 'not_a_member' ? refusal.why : refusal;
  };
  expect(why({})).toBeNull();
  expect(why({ team: 'T2' })).toBe('stranger');
  expect(why({ team: '' })).toBe('stranger');
  expect(why({ team: 'T2', enterprise: 'E1' })).toBeNull();
  expect(why({ team: 'T2', enterprise: 'E2' })).toBe('stranger');
  expect(why({ team: 'T2' }, { team: 'T1', enterprise: null as unknown as string })).toBe('stranger');
  expect(why({ stranger: true })).toBe('stranger');
});
