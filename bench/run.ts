// `npm run bench [-- --only ack,click,memory,demo,grants,verify,modal,decisions]`: the figures of docs/performance.md, as ratios measured in one run on one machine.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { untilToldToStop } from '../src/commands/signals.ts';
import { ackFigure } from './ack.ts';
import { clickFigure } from './click.ts';
import { demoFigure } from './demo.ts';
import { grantsFigures } from './grants.ts';
import { machineLine, printFigures, type Figure } from './figures.ts';
import { prepareGround, type Ground } from './ground.ts';
import { memoryFigure } from './memory.ts';
import { decisionsFigure } from './decisions.ts';
import { modalFigure } from './modal.ts';
import { verifyFigure } from './verify.ts';

const all: Readonly<Record<string, (ground: Ground) => Promise<Figure | readonly Figure[]>>> = {
  ack: ackFigure,
  click: clickFigure,
  memory: memoryFigure,
  demo: demoFigure,
  grants: grantsFigures,
  verify: verifyFigure,
  modal: modalFigure,
  decisions: decisionsFigure,
};

const { values } = parseArgs({ options: { only: { type: 'string', default: Object.keys(all).join(',') } } });
const wanted = values.only.split(',');
const unknown = wanted.find((name) => all[name] === undefined);
if (unknown !== undefined) {
  console.error(`There is no figure "${unknown}". There are: ${Object.keys(all).join(', ')}.`);
  process.exit(2);
}

const told = untilToldToStop().then((signal) => {
  throw new Error(`stopped: ${signal}`);
});
console.log(`${machineLine()}, load ${loadavg()[0]?.toFixed(1)} before`);
const figures: Figure[] = [];
try {
  for (const name of wanted) {
    const measure = all[name];
    if (measure === undefined) continue;
    const ground = await prepareGround();
    try {
      figures.push(...[await Promise.race([measure(ground), told])].flat());
    } finally {
      await ground.end();
    }
  }
  console.log('');
  printFigures(figures);
  process.exitCode = figures.every(({ met }) => met) ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
// What a stopped measurement still waits for must not keep us.
setTimeout(() => process.exit(), 1000).unref();
