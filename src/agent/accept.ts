// `berth agent accept`: the host's admin says that a refused ledger is the right one. The running agent, or the next, takes it up.
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Offered, accept } from './obey.ts';
import type { Memory } from './memory.ts';
import { readState } from './memory.ts';
import { writeWhole } from './whole-file.ts';

const Marker = z.strictObject({ ledger: z.uuid(), revision: z.int().nonnegative() });

function markerFile(dir: string): string {
  return join(dir, 'accept.json');
}

export type AcceptResult =
  | { readonly kind: 'accepted'; readonly offer: Offered; readonly before: Offered }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken'; readonly detail: string };

/** Leaves word for the agent to obey what it refuses at this moment. */
export async function leaveAcceptance(dir: string): Promise<AcceptResult> {
  const read = await readState(dir);
  if (read.kind === 'broken') return read;
  if (read.kind === 'none' || read.state.offer === null) return { kind: 'nothing' };
  const { ledger, revision } = read.state.offer;
  await writeWhole(markerFile(dir), JSON.stringify({ ledger, revision }), 0o600);
  return { kind: 'accepted', offer: { ledger, revision }, before: { ledger: read.state.ledger, revision: read.state.revision } };
}

/** Takes up what was left. True when the memory now obeys the accepted ledger; a marker for anything else is thrown away. */
export async function takeUpAcceptance(dir: string, memory: Memory): Promise<boolean> {
  const text = await readFile(markerFile(dir), 'utf8').catch(() => null);
  if (text === null) return false;
  const marker = Marker.safeParse(parsed(text));
  const offer = memory.current()?.offer ?? null;
  const fits = marker.success && offer !== null && marker.data.ledger === offer.ledger;
  if (fits) {
    await memory.change((state) => {
      if (state === null) throw new Error('there is no state to accept for');
      return accept(state, marker.data);
    });
  }
  await unlink(markerFile(dir));
  return fits;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
