// Capacity in milli-GPU: integers, so that sums and limits compare exactly.

/** A whole GPU. */
export const WHOLE_GPU_MILLI = 1000;

/** Milli-GPU as people say it: 2000 → "2", 286 → "0.286". */
export function formatMilli(milli: number): string {
  const whole = Math.trunc(milli / 1000);
  const rest = Math.abs(milli % 1000);
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
}

/** Compute slices of a card that can be cut: the A30 has 4, every other one 7. */
function slicesOf(model: string): number {
  return /\bA30\b/i.test(model) ? 4 : 7;
}

/** Capacity of a MIG slice: 1000 × its slices ÷ its card's, rounded down. A profile that says nothing counts as a whole GPU, never as 0. */
export function sliceMilli(profile: string, model: string): number {
  const slices = Number(/^([1-7])g\b/.exec(profile)?.[1] ?? Number.NaN);
  if (!Number.isInteger(slices)) return WHOLE_GPU_MILLI;
  return Math.min(WHOLE_GPU_MILLI, Math.floor((WHOLE_GPU_MILLI * slices) / slicesOf(model)));
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
