// What a member asks for, once understood: the parsed form of a request, kept in the inbox and turned into an allocation.
import { z } from 'zod';

/**
 * A parsed request.
 * - `pool`: name of a policy pool, or null when the member named none ("1 gpu"): the verb chooses the first pool that fits.
 * - `devices`: number of GPUs (or MIG slices), 0 for the built-in pool `cpu`.
 * - `memoryMibMin`: smallest device memory wanted ("24gb" = 24 × 1024 MiB), or null.
 * - `durationSeconds` is how long from *active*; `until` is a fixed end in UTC. At most one is set; both null = the policy's default duration.
 * - `person`: somebody is to be asked also where the policy needs nobody; left out: as the policy says.
 * - `image`, `host`: names as typed, or null. `command`: batch command, or null. `purpose`: free text, at most 200 characters, '' if none.
 */
export const RequestAsk = z.strictObject({
  pool: z.string().max(63).nullable(),
  devices: z.int().min(0).max(1024),
  memoryMibMin: z.int().positive().nullable(),
  durationSeconds: z.int().positive().nullable(),
  until: z.iso.datetime().nullable(),
  image: z.string().max(255).nullable(),
  host: z.string().max(63).nullable(),
  command: z.string().max(2000).nullable(),
  purpose: z.string().max(200),
  person: z.literal(true).optional(),
});
export type RequestAsk = z.infer<typeof RequestAsk>;
