// The parts that the policy file is made of; whatever has a default may also be an empty section.
import { DateTime, IANAZone } from 'luxon';
import { slicesOf } from './capacity.ts';
import { z } from 'zod';
import { Environment } from './environment.ts';
import { parseDurationSeconds } from './grammar/duration.ts';
import { DriverVersion } from './driver.ts';
import { HostLabel, HostName } from './host-protocol.ts';

/** A key that may be left out, or written with nothing after it. */
export function orElse<T extends z.ZodType>(schema: T, fallback: z.output<T>) {
  return schema.nullish().transform((value) => value ?? fallback);
}

export const Duration = z.string().transform((text, context) => {
  const seconds = parseDurationSeconds(text);
  if (seconds !== null) return seconds;
  context.addIssue({ code: 'custom', message: `"${text}" is no duration; write for example "8h", "90m" or "2 days"` });
  return z.NEVER;
});
export const SlackUser = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'a Slack user id starts with U or W, for example U024BE7LH');
const SlackGroup = z.string().regex(/^S[A-Z0-9]{2,20}$/, 'a Slack user group id starts with S');
/** Somebody, or everybody in a group. */
export const SlackUserOrGroup = z
  .string()
  .regex(/^[SUW][A-Z0-9]{2,20}$/, 'a Slack user id starts with U or W, a user group id with S, for example U024BE7LH');
/** A duration, or `none`: 0. */
export const Wait = z.union([z.literal('none').transform(() => 0), Duration], 'write a duration, for example 24h, or none');
export const SlackChannel = z.string().regex(/^[CG][A-Z0-9]{2,20}$/, 'a Slack channel id starts with C or G');
const Name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,40}$/, 'names are lower-case letters, digits, dot, dash and underscore');

export const Share = z.strictObject({
  cpus: z.int().positive(),
  memoryGib: z.int().positive(),
  shmGib: z.int().positive().optional(),
  pids: orElse(z.int().min(16), 512),
});

const Milli = 'at most three decimals, for example 0.5';
/** Number of GPUs, slices as fractions. */
const Gpus = z
  .number()
  .nonnegative()
  .max(100_000)
  .refine((value) => Number.isInteger(Math.round(value * 1e6) / 1000), Milli);

/** A member's limits; what is left out of a layer comes from the one below it. */
export const Quota = z.strictObject({
  /** At the same time. */
  gpus: Gpus,
  gpusPerRequest: Gpus,
  cpuContainers: z.int().nonnegative().max(10_000),
  /** Of one lease; the pool's own maximum holds as well. */
  maxDuration: Duration.optional(),
  /** Per `period`. */
  gpuHours: z.int().nonnegative().max(1_000_000_000).optional(),
});

export const People = z.union(
  [z.strictObject({ list: z.array(SlackUser) }), z.strictObject({ group: SlackGroup })],
  'write {list: [U…, U…]}, or {group: S…} for a Slack user group',
);

export const Team = z.strictObject({
  name: Name,
  members: People,
  /** For each of its members, instead of the defaults. */
  each: orElse(Quota.partial(), {}),
  /** For all its members together. */
  total: orElse(Quota.pick({ gpus: true, gpuHours: true }).partial(), {}),
});

/** When a request starts without a person: never, always, or while it is small and delays nobody. */
const Approval = z.union(
  [
    z.enum(['none', 'required']),
    z.strictObject({ unless: z.strictObject({ gpus: Gpus, duration: Duration, nobodyWaits: orElse(z.boolean(), true) }) }),
  ],
  'write none, required, or {unless: {gpus: 1, duration: 8h}}',
);

const Match = z
  .strictObject({
    model: z.string().min(1).optional(),
    /** GiB of the device, give or take 10 %: vendors count differently. */
    memoryGib: z.int().positive().optional(),
    /** MIG profile, for example 2g.20gb. */
    mig: z
      .string()
      .regex(/^[1-7]g\.[1-9][0-9]{0,2}gb$/, 'a MIG profile reads like 2g.20gb')
      .optional(),
    host: z.array(z.string().min(1)).min(1).optional(),
    /** The host has to have all of them. */
    label: z.array(HostLabel).min(1).optional(),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), 'name at least one of model, memoryGib, mig, host, label')
  .refine(({ mig, model }) => mig === undefined || slicesOf(model ?? '') !== null, {
    path: ['model'],
    message: 'name the card with mig: how many slices it has says how much of a GPU one of them is; for example model: A100',
  });

export const Pool = z.strictObject({
  name: Name,
  /** All of what is named has to fit a device. The first pool that matches a device has it. */
  match: Match,
  /** Memory of one device, GiB: what "1 gpu 24gb" is compared with. */
  memoryGib: z.int().positive(),
  approval: Approval,
  /** Where its requests are shown, instead of the policy's `channel`. */
  channel: SlackChannel.optional(),
  maxDuration: Duration,
  /** GPU-hours that an hour of one GPU costs. */
  rate: orElse(z.number().min(0).max(1000), 1),
  perGpu: Share,
  environment: orElse(Environment, {}),
});

const TimeOfDay = z.string().regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, { error: 'a time of day reads like 09:00', abort: true });
const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

/** When people work, on each of the weekdays alike. */
export const Hours = z
  .strictObject({
    zone: z.string().refine((zone) => IANAZone.isValidZone(zone), 'is no time zone; write for example Europe/Berlin'),
    from: TimeOfDay,
    to: TimeOfDay,
    weekdays: orElse(z.array(Weekday).min(1), ['mon', 'tue', 'wed', 'thu', 'fri']),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'has to be later than from, on the same day; 24:00 is its end' });

export const Day = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text).isValid, 'is no day; write for example 2026-12-25');

/** The ledger keeps the reference, so no two images may have the same. */
export const Image = z.strictObject({
  name: Name,
  reference: z.string().min(1).max(255),
  /** What it is made for: to be entered, or to run a command and end. */
  class: orElse(z.enum(['interactive', 'batch']), 'interactive'),
  /** Where its services listen inside the container. */
  ports: orElse(z.array(z.strictObject({ port: z.int().min(1).max(65_535), name: Name })).max(16), []),
  /** No host with an older or unknown driver gives GPUs to it. */
  minDriver: DriverVersion.optional(),
  environment: orElse(Environment, {}),
});

export const Host = z.strictObject({ name: HostName, environment: orElse(Environment, {}) });
