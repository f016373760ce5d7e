// Two things at two bots at once: the ledger then says what one of them after the other would have given, in one of the orders.
import { isDeepStrictEqual } from 'node:util';
import type { App } from '../../src/app/app.ts';
import { place } from '../../src/app/place.ts';
import { answered } from '../../src/app/take-delivery.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { copyOf, hear, type Model } from './model.ts';
import { factsOf, factsOfModel, lineOf } from './model-compare.ts';
import { wordOf } from './model-drafts.ts';
import { obey } from './model-obey.ts';
import { sayingsOf, type Operation, type Side } from './model-operations.ts';
import { placementsIn, takePlacements } from './model-placement.ts';
import { poolNames } from './model-rules.ts';
import { turnOf, type Scene } from './model-scene.ts';
import { jobs, send } from './model-real.ts';
import { agrees, followOf, note, performed, record, said } from './model-words.ts';

/** What one side is to the model: parts that another one may come between, each false where it comes out otherwise than in the ledger. */
interface Done {
  readonly what: string;
  readonly parts: readonly ((model: Model) => boolean)[];
  /** Called once the order is known. */
  readonly settle?: () => void;
}

export async function takeBothAtOnce(scene: Scene, { sides }: Extract<Operation, { kind: 'at once' }>): Promise<void> {
  const [one, two] = turnOf(scene);
  // In turn up to here, so that the same seed does the same.
  const starts = [await ready(scene, one, sides[0], 0), await ready(scene, two, sides[1], 1)];
  const ends = await Promise.all(starts.map((start) => start()));
  const done = [];
  for (const end of ends) done.push(await end());
  const { facts, line } = await factsOf(one, scene.members);
  const found = ordersOf(done.flatMap(({ parts }) => parts)).find((parts) => {
    const model = copyOf(scene.model);
    return (
      parts.every((part) => part(model)) &&
      isDeepStrictEqual({ facts, line }, { facts: factsOfModel(model), line: lineOf(model.allocations) })
    );
  });
  if (found === undefined) {
    throw new Error(`no order of ${done.map(({ what }) => what).join(' and ')} gives ${JSON.stringify({ line, facts }, null, 1)}`);
  }
  const model = copyOf(scene.model);
  for (const part of found) part(model);
  scene.model = model;
  for (const { settle } of done) settle?.();
  scene.note(`at once: ${sides.map((side) => (side.kind === 'job' ? side.job : side.kind)).join(' and ')}`);
}

/** Prepares a side: returns what starts it, which returns what tells how it came out. */
async function ready(scene: Scene, app: App, side: Side, index: number): Promise<() => Promise<() => Promise<Done>>> {
  const { model } = scene;
  switch (side.kind) {
    case 'word': {
      const word = wordOf(model, side.draft);
      const delivered = await note(scene, app, word, `-${index}`);
      return async () => {
        const outcome = await performed(scene, app, delivered);
        return async () => {
          await answered(app, delivered.key);
          if (outcome === null) throw new Error(`${said(word)} was performed by nobody`);
          return { what: `${said(word)}: ${JSON.stringify(outcome)}`, ...wordDone(scene, word, outcome) };
        };
      };
    }
    case 'place':
      return async () => {
        await place(app);
        return () => placeDone(scene, app);
      };
    case 'report': {
      const { host, rolls } = side;
      const sayings = sayingsOf(model, host, rolls);
      return async () => {
        await send(scene, host, { sayings, flaw: 'none' });
        const heard = (next: Model) => {
          hear(next, host, { sayings, believed: true });
          return true;
        };
        return async () => ({ what: `${host}: ${JSON.stringify(sayings)}`, parts: [heard] });
      };
    }
    case 'job': {
      const { job } = side;
      return async () => {
        const count = await jobs[job].real(app);
        // A decision on an account brings it into the new period too: what is left to the job is not said by any order.
        const same = (next: Model) => jobs[job].model(next) === count || job === 'rollOver';
        return async () => ({ what: `${job}: ${count}`, parts: [same] });
      };
    }
  }
}

function wordDone(scene: Scene, word: Parameters<typeof obey>[1], outcome: Outcome): Pick<Done, 'parts' | 'settle'> {
  return {
    parts: [(model) => agrees(obey(model, word, followOf(outcome)), outcome)],
    settle: () => record(scene, word, outcome),
  };
}

/** Each pool is served by itself. */
async function placeDone(scene: Scene, app: App): Promise<Done> {
  const placements = await placementsIn(scene, app);
  return {
    what: `place: ${JSON.stringify(placements)}`,
    parts: poolNames.map((pool) => (model) => takePlacements(model, placements, [pool]) === null),
  };
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
