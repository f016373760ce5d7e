// Versions of the NVIDIA driver, as nvidia-smi writes them: 550.54, 550.54.15.
import { z } from 'zod';

export const DriverVersion = z
  .string('write it in quotes, for example "550.54"')
  .regex(/^[1-9]\d{1,3}(\.\d{1,4}){0,2}$/, 'a driver version reads like "550.54" or "550.54.15"');

/** An unknown driver is never new enough for who asks for one. */
export function driverSuffices(driver: string | null, least: string | null): boolean {
  if (least === null) return true;
  if (driver === null) return false;
  const [has, needs] = [driver, least].map((version) => version.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (has?.[part] ?? 0) - (needs?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
