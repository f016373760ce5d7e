// What somebody filled in on a modal, by block_id, whatever kind of field it is; and what the modal said it is about.
import type { ViewOutput } from '@slack/bolt';
import type { z } from 'zod';

export interface Filled {
  /** The words, the number or the value of the option; null when it is empty or not there. */
  one(blockId: string): string | null;
  /** Values of everything that is ticked. */
  many(blockId: string): readonly string[];
}

/** Each block holds one field. Whatever is in it was sent by a client: nothing says that it was offered. */
export function filledIn({ state }: ViewOutput): Filled {
  const field = (blockId: string) => Object.values(state.values[blockId] ?? {})[0];
  return {
    one: (blockId) => {
      const found = field(blockId);
      const value = found?.selected_option?.value ?? found?.value ?? found?.selected_user ?? found?.selected_date ?? null;
      return value === '' ? null : value;
    },
    many: (blockId) => (field(blockId)?.selected_options ?? []).map(({ value }) => value ?? ''),
  };
}

/** What `about` of the modal was; null when it is not that. */
export function aboutOf<T>(schema: z.ZodType<T>, { private_metadata: metadata }: Pick<ViewOutput, 'private_metadata'>): T | null {
  try {
    const { success, data } = schema.safeParse(JSON.parse(metadata));
    return success ? data : null;
  } catch {
    return null;
  }
}
