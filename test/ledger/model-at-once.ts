// Two things at two bots at once: the ledger then says what one of them after the other would have given, in one of the orders.
import { isDeepStrictEqual } from 'node:util';
import type { App } from '../../src/app/app.ts';
import { place } from '../../src/app/place.ts';
import { answered } from '../../src/app/take-delivery.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { copyOf, hear, type Model } from './model.ts';
import { factsOf, factsOfModel, lineOf } from './model-compare.ts';
import { wordOf } from './model-drafts.ts';
import { obey, onlyOne } from './model-obey.ts';
import { sayingsOf, type Operation, type Side } from './model-operations.ts';
import { placementsIn, takePlacements } from './model-placement.ts';
import { poolNames, type Word } from './model-rules.ts';
import { turnOf, type Scene } from './model-scene.ts';
import { jobs, send } from './model-real.ts';
import { agrees, followOf, note, performed, record, said } from './model-words.ts';

/** False where it comes out otherwise than in the ledger. */
type Part = (model: Model) => boolean;

/** What one side is to the model: parts that another one may come between, in one way or another. */
interface Done {
  readonly what: string;
  readonly ways: readonly (readonly Part[])[];
  /** Called once the order is known. */
  readonly settle?: () => void;
}

export async function takeBothAtOnce(scene: Scene, { sides }: Extract<Operation, { kind: 'at once' }>): Promise<void> {
  const [one, two] = turnOf(scene);
  // In turn up to here, so that the same seed does the same.
  const words = sides.map((side) => (side.kind === 'word' ? wordOf(scene.model, side.draft) : null));
  const starts = [await ready(scene, one, sides[0], words), await ready(scene, two, sides[1], words.toReversed())];
  const ends = await Promise.all(starts.map((start) => start()));
  const done = [];
  for (const end of ends) done.push(await end());
  const { facts, line } = await factsOf(one, scene.members);
  const [left, right] = done.map(({ ways }) => ways);
  const together = (left ?? []).flatMap((some) => (right ?? []).map((others) => [...some, ...others]));
  const found = together.flatMap(ordersOf).find((parts) => {
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
async function ready(
  scene: Scene,
  app: App,
  side: Side,
  [word, other]: readonly (Word | null | undefined)[],
): Promise<() => Promise<() => Promise<Done>>> {
  const { model } = scene;
  switch (side.kind) {
    case 'word': {
      if (word === null || word === undefined) throw new Error('a word without words');
      const delivered = await note(scene, app, word, app === turnOf(scene)[0] ? '-0' : '-1');
      return async () => {
        const outcome = await performed(scene, app, delivered);
        return async () => {
          await answered(app, delivered.key);
          if (outcome === null) throw new Error(`${said(word)} was performed by nobody`);
          const what = `${said(word)}: ${JSON.stringify(outcome)}`;
          return { what, ...wordDone(scene, word, outcome), settle: () => record(scene, word, outcome) };
        };
      };
    }
    case 'place':
      return async () => {
        await place(app);
        return () => placeDone(scene, app);
      };
    case 'report': {
      const { host, rolls, probe } = side;
      const sayings = sayingsOf(model, host, rolls);
      return async () => {
        await send(scene, host, { sayings, probe, flaw: 'none' });
        const heard = (next: Model) => {
          hear(next, host, { sayings, probe, believed: true });
          return true;
        };
        return async () => ({ what: `${host}: ${JSON.stringify(sayings)}`, ways: [[heard]] });
      };
    }
    case 'job': {
      const { job } = side;
      return async () => {
        const count = await jobs[job].real(app);
        // A decision on an account brings it into the new period too: what is left to the job is not said by any order.
        const same = (next: Model) => jobs[job].model(next) === count || job === 'rollOver';
        const touched = other !== null && other !== undefined && 'id' in other ? other.id : null;
        const spared = (next: Model) => job !== 'rollOver' && sparing(model, next, touched, () => jobs[job].model(next)) === count;
        return async () => ({ what: `${job}: ${count}`, ways: [[same], [spared]] });
      };
    }
  }
}

/** The job leaves to its next tick what was changed since it looked, due though it may still be. */
function sparing(before: Model, next: Model, id: string | null, work: () => number): number | null {
  const index = next.allocations.findIndex((one) => one.id === id);
  const [one, was] = [next.allocations[index], before.allocations.find((known) => known.id === id)];
  if (one === undefined || was === undefined || one.version === was.version) return null;
  next.allocations.splice(index, 1);
  const count = work();
  next.allocations.splice(index, 0, one);
  return count;
}

/** Which one is meant by who names none is found before it is decided: by then another word may be right for it, or none. */
function wordDone({ model }: Scene, word: Word, outcome: Outcome): Pick<Done, 'ways'> {
  const part = (heard: Word) => (next: Model) => agrees(obey(next, heard, followOf(outcome)), outcome);
  const meant = 'id' in word && word.id === null ? onlyOne(model, word) : null;
  return { ways: [[part(word)], ...(meant === null ? [] : [[part({ ...word, id: meant } as Word)]])] };
}

/** Each pool is served by itself. */
async function placeDone(scene: Scene, app: App): Promise<Done> {
  const placements = await placementsIn(scene, app);
  return {
    what: `place: ${JSON.stringify(placements)}`,
    ways: [poolNames.map((pool) => (model) => takePlacements(model, placements, [pool]) === null)],
  };
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
