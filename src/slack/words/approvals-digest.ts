// The weekly digest of approvals in sentences.
import type { ApprovalsDigest, SuggestedRule } from '../../domain/approvals-digest.ts';
import { formatMilli } from '../../domain/capacity.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { code, gpus } from './common.ts';

export function digestWords({ approved, lowered, denied, lapsed, medianSeconds, rules }: ApprovalsDigest): string {
  const answered = approved + lowered + denied;
  const parts = [
    `${approved} approved as asked`,
    ...(lowered > 0 ? [`${lowered} with less`] : []),
    ...(denied > 0 ? [`${denied} denied`] : []),
  ];
  const speed = medianSeconds === null ? '' : ` Half of them were answered within ${sayDuration(medianSeconds)}.`;
  const unanswered = lapsed === 0 ? '' : ` ${lapsed === 1 ? 'One question lapsed' : `${lapsed} questions lapsed`} without an answer.`;
  const head =
    answered === 0
      ? '*Approvals of last week:* none was answered.'
      : `*Approvals of last week:* ${answered} answered: ${parts.join(', ')}.${speed}`;
  return [`${head}${unanswered}`, ...rules.map(ruleWords)].join('\n');
}

/** A rule is suggested as the policy file would have it. */
function ruleWords({ pool, gpusMilli, durationSeconds, unchanged, answered }: SuggestedRule): string {
  const hours = Math.ceil(durationSeconds / 3600);
  return `For ${code(pool)}, ${unchanged} of ${answered} were approved unchanged, and nothing up to ${gpus(gpusMilli)} for ${sayDuration(durationSeconds)} was denied or lowered. \`approval: {unless: {gpus: ${formatMilli(gpusMilli)}, duration: ${hours}h}}\` in the policy file would spare you those while nobody waits.`;
}
