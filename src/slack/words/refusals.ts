// Every refusal as a sentence: what happened, the number, and what to do next.
import { formatGpuHours, formatMilli, WHOLE_GPU_MILLI } from '../../domain/capacity.ts';
import type { ApprovalState } from '../../domain/approvals.ts';
import type { State } from '../../domain/lifecycle.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { parseMoment } from '../../domain/time.ts';
import { limitNames } from './adjustments.ts';
import { byWhom, code, didYouMean, gpus, mention, oneOf, person, requestExample, when } from './common.ts';
import { holds } from './holdings.ts';
import { sourceWords } from './limits.ts';

/** `zone`: IANA zone of the reader. */
export function refusalWords(refusal: Refusal, zone: string): string {
  switch (refusal.code) {
    case 'unknown_person':
      return 'Slack did not tell me who you are, so I did nothing. Please try again in a minute.';
    case 'not_a_member':
      return notAMember[refusal.why];
    case 'unknown_pool':
      return `There is no pool ${code(refusal.name)}.${didYouMean(refusal.nearest)} There is ${oneOf(refusal.pools)}. Example: ${requestExample(refusal.pools[0] ?? CPU_POOL)}`;
    case 'unknown_image':
      return `There is no image ${code(refusal.name)}.${didYouMean(refusal.nearest)} There is ${oneOf(refusal.images)}.`;
    case 'no_pool_fits': {
      const memory = refusal.memoryMibMin === null ? '' : ` with ${Math.ceil(refusal.memoryMibMin / 1024)} GB each`;
      return `No host has ${refusal.devices} GPUs${memory} together. The pools are ${oneOf(refusal.pools)}; \`/gpu status\` shows their size.`;
    }
    case 'over_request_cap':
      return requestCap(refusal, zone);
    case 'over_member_limit':
      return `That would be ${gpus(refusal.heldMilli + refusal.askedMilli)} at once; your limit is ${formatMilli(refusal.limitMilli)} (${sourceWords(refusal.source, zone)}) and you use ${formatMilli(refusal.heldMilli)}/${formatMilli(refusal.limitMilli)}.${holds(refusal.holding, zone)} Release or cancel one, or wait until one ends.`;
    case 'over_team_limit': {
      const { team, heldMilli, askedMilli, limitMilli } = refusal;
      return `Your team ${code(team)} uses ${formatMilli(heldMilli)}/${formatMilli(limitMilli)} GPUs at once, so ${formatMilli(askedMilli)} more do not fit. Wait until somebody of the team is done, or ask an admin.`;
    }
    case 'over_budget':
      return overBudget(refusal, zone);
    case 'too_many_open':
      return `You have ${refusal.holding.length} requests that wait, and ${refusal.limit} are allowed.${holds(refusal.holding, zone)} Cancel one, or wait until one starts.`;
    case 'too_fast':
      return `That was faster than ${refusal.perMinute} commands and clicks a minute, so I left this one out. Please try again in a minute.`;
    case 'over_cpu_limit':
      return `You have ${refusal.held}/${refusal.limit} CPU containers.${holds(refusal.holding, zone)} Release one first.`;
    case 'duration_too_long':
      return `${code(refusal.pool)} may be had for ${sayDuration(refusal.maxSeconds)} at a time${refusal.source === null ? '' : ` (${sourceWords(refusal.source, zone)})`}; you asked for ${sayDuration(refusal.askedSeconds)}. Ask for ${sayDuration(refusal.maxSeconds)} or less.`;
    case 'never_fits': {
      const where = refusal.host === null ? 'the biggest host' : code(refusal.host);
      if (refusal.biggestHost === 0)
        return `${refusal.host === null ? 'No host' : code(refusal.host)} offers ${code(refusal.pool)} right now, so waiting would not help. \`/gpu status\` shows what there is.`;
      return `${refusal.asked} × ${code(refusal.pool)} do not fit on one host: ${where} has ${refusal.biggestHost}. Ask for ${refusal.biggestHost} or fewer.`;
    }
    case 'not_longer':
      return `${code(refusal.id)} runs until ${when(parseMoment(refusal.endsAt), zone)} anyway. Name a later end, or give it back earlier with \`/gpu release ${refusal.id}\`.`;
    case 'extension_too_long':
      return `${code(refusal.pool)} may be had for ${sayDuration(refusal.maxSeconds)} from now at most${refusal.source === null ? '' : ` (${sourceWords(refusal.source, zone)})`}; that would be ${sayDuration(refusal.askedSeconds)}. Extend ${code(refusal.id)} by less, or again later.`;
    case 'pool_gone':
      return `The policy has ${code(refusal.pool)} no longer, so ${code(refusal.id)} cannot be extended; it runs until ${when(parseMoment(refusal.endsAt), zone)}. \`/gpu status\` shows the pools that there are, for the time after.`;
    case 'over_extension':
      return overExtension(refusal, zone);
    case 'would_delay':
      return wouldDelay(refusal);
    case 'image_for_batch':
      return `${code(refusal.name)} is an image for batch jobs, and I cannot run those yet. \`/gpu images\` shows the images; ask for an interactive one.`;
    case 'driver_too_old':
      return driverTooOld(refusal);
    case 'no_approver':
      return `${code(refusal.pool)} needs an approval, and the policy names nobody who could give it to you. I have told the admins; nothing was requested.`;
    case 'payer_unknown':
      return `Slack did not tell me who is in the team ${code(refusal.team)}, so I cannot tell whose limits count, and did nothing. Please try again in a minute; if it goes on, an admin has to look at the group of that team in Slack.`;
    case 'batch_not_yet':
      return `I understood \`run "…"\`, but I cannot run commands for you yet. Ask without it, as in ${requestExample(refusal.pool)}, and start the command inside the container.`;
    case 'until_past':
      return `${when(parseMoment(refusal.until), zone)} has passed already. Ask for a later end, for example \`until tomorrow 9:00\`.`;
    case 'no_such_allocation':
      return `There is no ${code(refusal.id)}.${didYouMean(refusal.nearest)} \`/gpu mine\` lists yours.`;
    case 'nothing_held':
      return nothingHeld[refusal.verb];
    case 'which_one':
      return `You have ${refusal.holding.length}:${holds(refusal.holding, zone)} Say which, for example \`/gpu ${refusal.verb} ${refusal.holding[0]?.id ?? 'al-…'}\`.`;
    case 'not_yours':
      return `${code(refusal.id)} belongs to somebody else. Only its holder or an admin can do that.`;
    case 'not_lower':
      return refusal.what === 'devices'
        ? `They asked for ${refusal.asked} GPUs; you can approve as many or fewer, not ${refusal.wanted}. Nothing was changed.`
        : `They asked for ${sayDuration(refusal.asked)}; you can approve as much or less, not ${sayDuration(refusal.wanted)}. Nothing was changed.`;
    case 'not_approvable':
      return `That cannot be approved any more, so it still waits. The requester would be told: ${refusalWords(refusal.refusal, zone)}`;
    case 'asked_already':
      return `The approvers have been asked already whether ${code(refusal.id)} may be kept for longer; it lapses ${when(parseMoment(refusal.lapsesAt), zone)}. Wait for their answer, or extend it by less.`;
    case 'extension_answered':
      return `Whether ${code(refusal.id)} may be kept for longer ${answeredWords[refusal.state]}${refusal.by === null ? '' : ` by ${person(refusal.by)}`} ${when(parseMoment(refusal.at), zone)}. Nothing was changed.`;
    case 'question_open':
      return `A question about ${code(refusal.id)} still waits for its answer. When it is there, you can ask the next one.`;
    case 'no_question':
      return `No question about ${code(refusal.id)} waits for your answer any more. Nothing was changed.`;
    case 'hand_over_too_long':
      return `Approvals can be handed over for ${refusal.days} days at most. Choose an earlier day; for longer, an admin can change the policy.`;
    case 'nothing_handed_over':
      return 'You have not handed your approvals over, so there is nothing to take back. `/gpu approvals` shows what waits for you.';
    case 'no_standing_approval':
      return `No standing approval has the number ${refusal.number} now. \`/gpu approvals\` lists those that are in force.`;
    case 'decline_over':
      return `The ten minutes to decline ${code(refusal.id)} free of charge were over ${when(parseMoment(refusal.until), zone)}. To give it back now: \`/gpu release ${refusal.id}\`, or \`/gpu cancel ${refusal.id}\` while it waits.`;
    case 'not_approver':
      return 'Only the approvers named in the policy can answer requests. Nothing was changed.';
    case 'approvers_unreadable':
      return `Slack did not tell me who is in ${oneOf(refusal.groups, mention)}, so I cannot tell whether you may answer requests. Nothing was changed; please try again in a minute. If it goes on, an admin has to look at that group in Slack.`;
    case 'not_admin':
      return 'Only the admins named in the policy can change what members may have. Nothing was changed.';
    case 'no_such_member':
      return `${person(refusal.user)} is not somebody who may use Berth here, so there is nothing to show or change.`;
    case 'no_such_team':
      return `The policy has no team ${code(refusal.name)}.${refusal.nearest === null ? '' : ` The nearest name is ${code(refusal.nearest)}.`}`;
    case 'not_visible':
      return notVisible[refusal.what];
    case 'no_override':
      return `No admin has set a limit of ${limitNames[refusal.limit]} for ${person(refusal.user)}, so there is nothing to take back.`;
    case 'beyond_counting':
      return `I count up to ${formatGpuHours(refusal.most)} GPU-hours in one period, and with this one ${person(refusal.user)} would be beyond it. Nothing was changed; set a limit instead, for example \`/gpu admin quota @ada 1000 gpu-hours -- deadline\`.`;
    case 'own_request':
      return 'This is your own request, so somebody else has to answer it.';
    case 'too_late': {
      const by = refusal.by === null ? '' : ` by ${byWhom(refusal.by)}`;
      return `Too late: ${code(refusal.id)} ${stateWords[refusal.state]}${by}, ${when(parseMoment(refusal.at), zone)}. ${nextStep(refusal.event, refusal.state, refusal.id)}`;
    }
    case 'outdated_card':
      return `This message is not the current card of ${code(refusal.id)}, so its buttons do not count. \`/gpu mine\` shows yours; approvers find the current card in their channel.`;
    case 'gave_up':
      return `I tried ${refusal.attempts} times and could not do it. Nothing was changed; please ask an admin to look at my log.`;
    case 'busy':
      return 'Many people are asking at once. I have noted your request and will do it within a minute; the answer comes by direct message.';
  }
}

function driverTooOld({ pool, image, minDriver, drivers }: Extract<Refusal, { code: 'driver_too_old' }>): string {
  const known = drivers.filter((driver) => driver !== null);
  const unknown = drivers.includes(null) ? ['one that cannot be told'] : [];
  const has = oneOf([...known.map((driver) => code(driver)), ...unknown], (name) => name);
  return `The image ${code(image)} needs the NVIDIA driver ${code(minDriver)} or newer, and the hosts with ${code(pool)} have ${has}, so waiting would not help. Choose another image (\`/gpu images\`) or pool.`;
}

function requestCap({ capMilli, deviceMilli, asked, pool, source }: Extract<Refusal, { code: 'over_request_cap' }>, zone: string): string {
  const most = Math.floor(capMilli / deviceMilli);
  const unit = deviceMilli === WHOLE_GPU_MILLI ? gpus(most * WHOLE_GPU_MILLI) : `${most} ${code(pool)}`;
  if (most === 0) return `One request may have ${formatMilli(capMilli)} GPUs (${sourceWords(source, zone)}), less than one ${code(pool)}.`;
  return `One request may have at most ${unit} (${sourceWords(source, zone)}); you asked for ${asked}. Ask for ${most} or fewer.`;
}

function overBudget({ team, asked, committed, limit, refillsAt }: Extract<Refusal, { code: 'over_budget' }>, zone: string): string {
  const whose = team === null ? 'your budget' : `the budget of your team ${code(team)}`;
  const left = Math.max(0, limit - committed);
  return `That would need ${formatGpuHours(asked)} GPU-hours; of ${whose} of ${formatGpuHours(limit)}, ${formatGpuHours(left)} are left. It is filled again ${when(parseMoment(refillsAt), zone)}. Ask for less or a shorter time, or ask an admin for more.`;
}

function overExtension(
  { perWeek, usedSeconds, askedSeconds, refillsAt }: Extract<Refusal, { code: 'over_extension' }>,
  zone: string,
): string {
  const left = Math.max(0, perWeek - usedSeconds);
  const rest = left === 0 ? 'nothing is left' : `${sayDuration(left)} are left`;
  return `You may extend by ${sayDuration(perWeek)} a week, all containers together; ${rest}, and you asked for ${sayDuration(askedSeconds)}. It is whole again ${when(parseMoment(refillsAt), zone)}. Ask for less, or make a new request for the time after.`;
}

function wouldDelay({ id, delays }: Extract<Refusal, { code: 'would_delay' }>): string {
  const shown = delays
    .slice(0, 3)
    .map((delay) => `${code(delay.id)} ${delay.seconds === null ? 'for an unknown time' : sayDuration(delay.seconds)}`);
  const more = delays.length > 3 ? ` and ${delays.length - 3} more` : '';
  return `Others wait for these GPUs: ${delays.length === 1 ? 'one request' : `${delays.length} requests`} would start later (${shown.join(', ')}${more}), so ${code(id)} keeps its end. Ask for less, or for the time after with \`/gpu again ${id}\`.`;
}

const nothingHeld = {
  extend: 'You have no container that runs, so there is nothing to extend. `/gpu mine` lists what you have.',
  cancel: 'You have no request that waits, so there is nothing to cancel. `/gpu mine` lists what you have.',
  release: 'You have no container, so there is nothing to release. `/gpu mine` lists what you have.',
  why: 'You have nothing that waits or runs. Say which one you mean, for example `/gpu why al-7k3q9xwd`.',
  again: 'You have never asked for anything here, so there is nothing to ask for again. `/gpu request` shows how to ask.',
} as const;

const notVisible = {
  member: 'The policy lets you look at your own quota, not at theirs. `/gpu quota` shows yours; `/gpu queue` shows who waits for what.',
  team: 'The policy lets only members of that team and admins look at its quota. `/gpu quota` shows yours.',
  allocation: 'Only its holder, the approvers and the admins can see why that was decided. `/gpu mine` lists yours.',
} as const;

const notAMember = {
  stranger: 'You are a guest from another Slack workspace; only members of this one can use the GPUs here.',
  guest: 'Guest accounts cannot use the GPUs here unless the policy names them. Please ask an admin.',
  bot: 'Bots cannot use the GPUs here.',
  deactivated: 'This account is deactivated, so it cannot use the GPUs.',
  not_listed: 'The policy does not name you as somebody who may use the GPUs. Please ask an admin to add you.',
} as const;

/** As in "whether al-… may be kept for longer was approved already by @x". */
const answeredWords: Readonly<Record<ApprovalState, string>> = {
  open: 'is open, since',
  approved: 'was approved already',
  denied: 'was denied already',
  lapsed: 'has lapsed; nobody answered by',
  withdrawn: 'needs no answer any more, since',
};

/** As in "al-… was approved already by @x". */
const stateWords: Readonly<Record<State, string>> = {
  requested: 'has changed and still waits for an approval; last change',
  queued: 'was approved already and waits for a place; last change',
  placed: 'is being started already; last change',
  active: 'is running already; last change',
  retiring: 'is being stopped already; last change',
  retired: 'has ended; last change',
  denied: 'was denied already',
  lapsed: 'has lapsed; ended',
  cancelled: 'was cancelled already',
  failed: 'could not be started; reported',
};

function nextStep(event: string, state: State, id: string): string {
  if (event === 'retire' && (state === 'requested' || state === 'queued')) return `To withdraw it: \`/gpu cancel ${id}\`.`;
  if (event === 'cancel' && (state === 'placed' || state === 'active')) return `To give it back: \`/gpu release ${id}\`.`;
  return 'Nothing was changed.';
}
