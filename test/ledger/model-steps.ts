// Each operation is done to the ledger and to its model, and what came of it has to be the same.
import { expect } from 'vitest';
import { importPolicy } from '../../src/app/import-policy.ts';
import { place } from '../../src/app/place.ts';
import { takeBothAtOnce } from './model-at-once.ts';
import { copyOf, hear, isSilent } from './model.ts';
import { jobs, send, type Said } from './model-real.ts';
import { expectAlike, expectSound } from './model-compare.ts';
import { sayingsOf, secondsOf, usualSayings, type JobName, type Operation } from './model-operations.ts';
import { placementsIn, takePlacements } from './model-placement.ts';
import { hostNames, policyOf, type HostName } from './model-rules.ts';
import { pass, turnOf, type Scene } from './model-scene.ts';
import { takeWord } from './model-words.ts';

/** Does it to both, and compares them; `sound` also in what costs more. */
export async function step(scene: Scene, operation: Operation, sound: boolean): Promise<void> {
  const { bots, note } = scene;
  scene.steps++;
  scene.raised = [];
  const silent = hostNames.filter((host) => isSilent(scene.model, host));
  await perform(scene, operation);
  for (const host of hostNames) {
    const now = isSilent(scene.model, host);
    if (now !== silent.includes(host)) note(now ? 'host fell silent' : 'host came back');
  }
  const [, other] = turnOf(scene);
  await expectAlike(other, scene.model, scene);
  if (sound) await expectSound(other, scene.model, scene.members);
  for (const app of bots) app.remembered.forget();
}

async function perform(scene: Scene, operation: Operation): Promise<void> {
  const { model, note } = scene;
  switch (operation.kind) {
    case 'word':
      return takeWord(scene, operation);
    case 'at once':
      if (operation.after !== null) {
        pass(scene, secondsOf(model, operation.after));
        for (const host of hostNames) await hearUsual(scene, host, false);
      }
      return takeBothAtOnce(scene, operation);
    case 'place':
      if (operation.heard) for (const host of hostNames) if (isSilent(model, host)) await hearUsual(scene, host, false);
      return placeAll(scene, operation.both);
    case 'report': {
      const { host, probe, flaw } = operation;
      note(flaw === 'none' ? 'report' : `report, flaw: ${flaw}`);
      if (probe !== 'clear') note(probe === 'failed' ? 'report, probe failed' : 'report, a stranger on a device');
      return report(scene, host, { sayings: sayingsOf(model, host, operation.rolls, flaw === 'foreign'), probe, flaw });
    }
    case 'clock': {
      const { by, heard, heardFirst, lively, jobs } = operation;
      note('clock');
      pass(scene, secondsOf(model, by));
      if (!heardFirst) for (const job of jobs) await run(scene, job, false);
      for (const host of heard) await hearUsual(scene, host, lively);
      if (heardFirst) for (const job of jobs) await run(scene, job, false);
      return;
    }
    case 'job':
      return run(scene, operation.job, operation.both);
    case 'policy':
      note('policy');
      model.rules = operation.rules;
      await importPolicy(turnOf(scene)[0], policyOf(operation.rules));
  }
}

async function hearUsual(scene: Scene, host: HostName, lively: boolean): Promise<void> {
  await report(scene, host, { sayings: usualSayings(scene.model, host, lively), probe: 'clear', flaw: 'none' });
}

async function report(scene: Scene, host: HostName, said: Said): Promise<void> {
  const { model, note } = scene;
  const { sayings, probe, flaw } = said;
  await send(scene, host, said);
  const before = new Map(model.allocations.map(({ id, state }) => [id, state]));
  hear(model, host, { sayings, probe, believed: flaw === 'none' || flaw === 'foreign' });
  for (const { id, state } of model.allocations) if (state !== before.get(id)) note(`${before.get(id)} → ${state} by host`);
}

async function run(scene: Scene, job: JobName, both: boolean): Promise<void> {
  const { real, model } = jobs[job];
  const apps = both ? turnOf(scene) : turnOf(scene).slice(0, 1);
  const done = await Promise.all(apps.map((app) => real(app)));
  const wanted = model(scene.model);
  expect({ job, done: done.reduce((sum, count) => sum + count, 0) }).toEqual({ job, done: wanted });
  scene.note(wanted > 0 ? `${job}, something due` : job);
}

async function placeAll(scene: Scene, both: boolean): Promise<void> {
  const apps = both ? turnOf(scene) : turnOf(scene).slice(0, 1);
  await Promise.all(apps.map((app) => place(app)));
  const next = copyOf(scene.model);
  const placements = await placementsIn(scene, scene.berth.app);
  expect({ placements, wrong: takePlacements(next, placements) }).toEqual({ placements, wrong: null });
  scene.model = next;
  scene.note(placements.length > 0 ? 'place, something placed' : 'place');
}
