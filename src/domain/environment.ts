// Variables that the policy gives to containers: never one by which Berth itself, the GPUs or the linker is steered.
import { z } from 'zod';

const VARIABLES_MAX = 32;
/** General, of the host, of the pool and of the image together. */
const MERGED_MAX = 4 * VARIABLES_MAX;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** Set by the agent, or deciding which GPUs and libraries a program finds. */
const RESERVED = /^(NVIDIA_.*|BERTH_.*|LD_.*|CUDA_VISIBLE_DEVICES|HOME|PATH|USER)$/;

const Value = z
  .string('write the value in quotes, for example "8"')
  .max(500, 'a value has at most 500 characters')
  .regex(/^\P{Cc}*$/u, 'a value is one line without control characters');

const environment = (max: number) =>
  z.record(z.string(), Value).superRefine((variables, context) => {
    const names = Object.keys(variables);
    for (const name of names) {
      const wrong = wrongName(name);
      if (wrong !== null) context.addIssue({ code: 'custom', path: [name], message: wrong });
    }
    if (names.length > max) context.addIssue({ code: 'custom', message: `has ${names.length} variables; at most ${max} are taken` });
  });

function wrongName(name: string): string | null {
  if (!NAME.test(name)) return 'a name has letters, digits and underscores, at most 100, and begins with no digit';
  return RESERVED.test(name) ? 'is set by Berth itself or decides which GPUs and libraries a program finds, so it cannot be given' : null;
}

/** As the policy writes it. */
export const Environment = environment(VARIABLES_MAX);
/** As a container gets it. */
export const MergedEnvironment = environment(MERGED_MAX);
export type Environment = z.infer<typeof Environment>;
