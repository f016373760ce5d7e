// What the agent must not forget: whose lists it obeys, how far it got, what ran here. One JSON file, written before it is acted on.
import { lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from './whole-file.ts';

/** A list that was not obeyed, until it is accepted on the host or the ledger is itself again. */
export const Offer = z.strictObject({
  ledger: z.uuid(),
  revision: z.int().nonnegative(),
  reason: z.enum(['ledger_changed', 'revision_went_back']),
});
export type Offer = z.infer<typeof Offer>;

const State = z.strictObject({
  format: z.literal(1),
  ledger: z.uuid(),
  /** Highest revision obeyed. */
  revision: z.int().nonnegative(),
  /** Highest fence by device UUID. */
  fences: z.record(z.string(), z.int().positive()),
  /** By allocation the fence whose container was seen running here. */
  started: z.record(z.string(), z.int().positive()),
  offer: Offer.nullable(),
});
export type State = z.infer<typeof State>;

export type StateRead =
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly detail: string };

export function stateFile(dir: string): string {
  return join(dir, 'state.json');
}

/** The state of an agent that begins to obey a ledger. */
export function newState(ledger: string, revision = 0): State {
  return { format: 1, ledger, revision, fences: {}, started: {}, offer: null };
}

/** Makes the agent's directory, or says why it cannot be trusted. */
export async function prepareDirectory(dir: string): Promise<string | null> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const found = await lstat(dir);
  if (!found.isDirectory()) return `${dir} is not a directory`;
  if (found.uid !== process.geteuid?.()) return `${dir} belongs to uid ${found.uid}; it must belong to the user the agent runs as`;
  if ((found.mode & 0o077) !== 0) return `${dir} is open to others; run: chmod 700 ${dir}`;
  return null;
}

/** Never repairs or resets: without this memory a list from the wrong ledger would be obeyed. */
export async function readState(dir: string): Promise<StateRead> {
  const path = stateFile(dir);
  const broken = (what: string): StateRead => ({
    kind: 'broken',
    detail: `${path} ${what}. Restore it from a backup, or, if the bot this host talks to is the right one, move it away and start the agent again: it then obeys the first bot it meets`,
  });
  let text: string;
  try {
    const found = await lstat(path);
    if (!found.isFile() || found.uid !== process.geteuid?.() || (found.mode & 0o022) !== 0)
      return broken('is not a file only its owner can write');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'none' };
    return broken(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  try {
    return { kind: 'state', state: State.parse(JSON.parse(text)) };
  } catch {
    return broken('is damaged');
  }
}

export interface Memory {
  /** Null before the first contact. */
  current(): State | null;
  /** Resolves when the new state is on disk; changes are applied one after the other. Rejects when it could not be written: then nothing changed. */
  change(edit: (state: State | null) => State): Promise<State>;
}

/** `initial` is what `readState` found. */
export function openMemory(dir: string, initial: State | null): Memory {
  let state = initial;
  let queue: Promise<unknown> = Promise.resolve();
  return {
    current: () => state,
    change(edit) {
      const turn = queue.then(async () => {
        const wanted = edit(state);
        const text = JSON.stringify(wanted, null, 1);
        if (text !== JSON.stringify(state, null, 1)) await writeWhole(stateFile(dir), `${text}\n`, 0o600);
        state = wanted;
        return wanted;
      });
      queue = turn.catch(() => undefined);
      return turn;
    },
  };
}
