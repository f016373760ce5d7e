// Capacity in milli-GPU: integers, so that sums and limits compare exactly.

/** A whole GPU. */
export const WHOLE_GPU_MILLI = 1000;

/** Milli-GPU as people say it: 2000 → "2", 286 → "0.286". */
export function formatMilli(milli: number): string {
  const whole = Math.trunc(milli / 1000);
  const rest = Math.abs(milli % 1000);
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
}

/** Compute slices of the cards that can be cut. Source: NVIDIA's MIG user guide, "Supported GPUs". */
const cutCards: readonly (readonly [RegExp, number])[] = [
  [/\b([AH][18]00|H200?|GH200|G?B[123]00)\b/i, 7],
  [/\b(A30|RTX PRO 6000)\b/i, 4],
  [/\bRTX PRO (5000|4500)\b/i, 2],
];

/** How many compute slices a whole card has, by its name or the part of it that tells; null: no such card is known. */
export function slicesOf(model: string): number | null {
  return cutCards.find(([name]) => name.test(model))?.[1] ?? null;
}

/** Capacity of a MIG slice: 1000 × its slices ÷ its card's, rounded down. What says nothing counts as a whole GPU, never as 0. */
export function sliceMilli(profile: string, model: string): number {
  const slices = Number(/^([1-7])g\b/.exec(profile)?.[1] ?? Number.NaN);
  const ofCard = slicesOf(model);
  if (!Number.isInteger(slices) || ofCard === null) return WHOLE_GPU_MILLI;
  return Math.min(WHOLE_GPU_MILLI, Math.floor((WHOLE_GPU_MILLI * slices) / ofCard));
}

/** Capacity of a device by its model as its host reports it: slices are named after their card, as in "NVIDIA A100 80GB MIG 2g.20gb". */
export function deviceMilli(model: string): number {
  const profile = / mig ([1-7]g\.\d+gb)/i.exec(model)?.[1];
  return profile === undefined ? WHOLE_GPU_MILLI : sliceMilli(profile, model);
}

const GPU_HOUR_MILLI_SECONDS = 3600 * WHOLE_GPU_MILLI;

/** Milli-GPU-seconds as GPU-hours, to a tenth: 5_400_000 → "1.5". Never "0" for something. */
export function formatGpuHours(milliSeconds: number): string {
  const tenths = Math.round((milliSeconds * 10) / GPU_HOUR_MILLI_SECONDS);
  if (tenths === 0 && milliSeconds !== 0) return milliSeconds > 0 ? 'less than 0.1' : 'more than −0.1';
  return String(tenths / 10);
}
