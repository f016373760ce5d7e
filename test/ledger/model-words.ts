// Words reach a bot through its inbox, in every way in which they may: once, again, at two bots at once, or by way of one that died.
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { perform } from '../../src/app/perform.ts';
import { rerunInbox } from '../../src/app/rerun-inbox.ts';
import { answered, takeDelivery } from '../../src/app/take-delivery.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { moment } from '../../src/domain/time.ts';
import { askFor, TEAM } from '../support/app.ts';
import { until, waiters } from '../support/locks.ts';
import { copyOf } from './model.ts';
import { obey, type Follow, type Verdict } from './model-obey.ts';
import { HOUR, type Correction, type Word } from './model-rules.ts';
import { wordOf } from './model-drafts.ts';
import type { Operation } from './model-operations.ts';
import { connectAll, pass, turnOf, type Scene } from './model-scene.ts';

/** A bot that noted a delivery has it for itself for 30 s. */
const GIVEN_UP_AFTER = 31;
const BUSY_MAX = 5;

function askOf(word: Word): unknown {
  switch (word.verb) {
    case 'request':
      return askFor({ pool: word.pool, devices: word.gpus, ...spanOf(word) });
    case 'approve':
    case 'deny':
      return { id: word.id, version: word.version };
    case 'cancel':
    case 'release':
      return { id: word.id, version: null };
    case 'extend': {
      const { durationSeconds, until } = spanOf(word);
      return { id: word.id, version: word.version, seconds: durationSeconds, until };
    }
    case 'adjust':
      return adminAskOf(word.ask);
  }
}

function spanOf({ hours, until }: Extract<Word, { verb: 'request' | 'extend' }>) {
  if (until === null) return { durationSeconds: hours * HOUR, until: null };
  return { durationSeconds: null, until: moment(until * 1000).toISOString() };
}

function adminAskOf(ask: Correction): unknown {
  switch (ask.kind) {
    case 'set': {
      const { user, limit, value, until } = ask;
      const expiresAt = until === Infinity ? null : moment(until * 1000).toISOString();
      return { kind: 'set_override', user, limit, value, expiresAt, reason: 'testing' };
    }
    case 'revoke':
      return { kind: 'revoke_override', user: ask.user, limit: ask.limit };
    case 'grant':
      return { ...ask, reason: 'testing' };
  }
}

export interface Delivered {
  readonly key: string;
  readonly word: Word;
}

export async function note(scene: Scene, app: App, word: Word, name = ''): Promise<Delivered> {
  const key = `step-${scene.steps}${name}`;
  expect(await takeDelivery(app, { key, verb: word.verb, team: TEAM, user: word.by, ask: askOf(word) })).toBe(true);
  return { key, word };
}

/** Null: another bot has done it. A busy ledger is asked again, as the inbox would. */
export async function performed(scene: Scene, app: App, { key, word }: Delivered): Promise<Outcome | null> {
  const actor = scene.members.find(({ slackUser }) => slackUser === word.by);
  if (actor === undefined) throw new Error(`nobody is ${word.by}`);
  for (let attempt = 0; attempt < BUSY_MAX; attempt++) {
    const done = await perform(app, { actor, inboxKey: key }, word.verb, askOf(word));
    if (done.kind !== 'postponed') return done.kind === 'performed' ? done.outcome : null;
    scene.note('busy');
  }
  throw new Error('the ledger stays busy');
}

export async function takeWord(scene: Scene, { how, draft }: Extract<Operation, { kind: 'word' }>): Promise<void> {
  const [app, other] = turnOf(scene);
  const word = wordOf(scene.model, draft);
  const delivered = await note(scene, app, word);
  const outcome = await deliver(scene, how, { delivered, apps: [app, other] });
  const next = copyOf(scene.model);
  const verdict = obey(next, word, followOf(outcome));
  if (!agrees(verdict, outcome)) throw new Error(`${said(word)}: ${JSON.stringify(outcome)} where ${JSON.stringify(verdict)} was right`);
  scene.model = next;
  record(scene, word, outcome);
  if (how !== 'once') scene.note(`delivered: ${how}`);
}

async function deliver(
  scene: Scene,
  how: Extract<Operation, { kind: 'word' }>['how'],
  { delivered, apps: [app, other] }: { delivered: Delivered; apps: readonly [App, App] },
): Promise<Outcome> {
  const { key, word } = delivered;
  if (how === 'crash inside') await dieInside(scene, app, delivered);
  if (how === 'crash' || how === 'crash inside') {
    expect(await rerunInbox(other)).toBe(0);
    pass(scene, GIVEN_UP_AFTER);
    expect(await rerunInbox(other)).toBe(1);
    return recorded(app, key);
  }
  const outcomes = [await performedBy(scene, how === 'twice at once' ? [app, other] : [app], delivered)].flat();
  if (how === 'twice') {
    expect(await takeDelivery(other, { key, verb: word.verb, team: TEAM, user: word.by, ask: askOf(word) })).toBe(false);
    outcomes.push(await performed(scene, other, delivered));
  }
  await answered(app, key);
  const effects = outcomes.filter((outcome) => outcome !== null);
  expect(effects).toHaveLength(1);
  const recordedOutcome = await recorded(app, key);
  expect(recordedOutcome).toEqual(effects[0]);
  return recordedOutcome;
}

/** Everything is decided and nothing committed when the bot loses its connection: it waits for the inbox's row, which is held here. */
async function dieInside(scene: Scene, app: App, delivered: Delivered): Promise<void> {
  await app.ledger.reads.transaction(async (tx) => {
    await tx.execute(sql`select from inbox where key = ${delivered.key} for update`);
    const dying = performed(scene, app, delivered).catch(() => 'died');
    await until(async () => (await waiters(app)) === 1);
    const waiting = sql`datname = current_database() and wait_event_type = 'Lock'`;
    await tx.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity where ${waiting}`);
    expect(await dying).toBe('died');
  });
  // Closing waits 5 s for a connection that was cut off and not used since.
  await connectAll(app);
}

async function performedBy(scene: Scene, apps: readonly App[], delivered: Delivered): Promise<(Outcome | null)[]> {
  return Promise.all(apps.map((app) => performed(scene, app, delivered)));
}

async function recorded(app: App, key: string): Promise<Outcome> {
  const [row] = await app.ledger.reads.execute<{ outcome: Outcome }>(
    sql`select outcome from inbox where key = ${key} and answered_at is not null`,
  );
  if (row === undefined) throw new Error(`${key} was not answered`);
  return row.outcome;
}

export function agrees(verdict: Verdict, outcome: Outcome): boolean {
  if (outcome.kind !== 'refused') return verdict.kind === 'done';
  return verdict.kind === 'refused' && verdict.reasons.includes(outcome.refusal.code);
}

export function record(scene: Scene, word: Word, outcome: Outcome): void {
  if (outcome.kind === 'requested' && word.verb === 'request' && word.gpus > 0) scene.raised.push(word.by);
  const asked = outcome.kind === 'extension_asked' ? ': approvers asked' : '';
  scene.note(outcome.kind === 'refused' ? `${word.verb} refused: ${outcome.refusal.code}` : `${word.verb}${asked}`);
}

/** Why approvers are asked, or had been asked before, is not told: others may be delayed. */
const DELAYS: readonly string[] = ['would_delay', 'asked_already'];

export function followOf(outcome: Outcome): Follow {
  const delays = outcome.kind === 'extension_asked' || (outcome.kind === 'refused' && DELAYS.includes(outcome.refusal.code));
  return { id: 'id' in outcome ? outcome.id : '', delays };
}

export function said(word: Word): string {
  return JSON.stringify(word);
}
