// Demo usable: from the start of `berth demo` until its page answers and the first `/gpu status` is answered there.
import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startChild } from './children.ts';
import type { Figure } from './figures.ts';
import { freePort } from './ports.ts';
import type { Ground } from './ground.ts';
import { until } from './scene.ts';

const AIM_S = 10;
const CLI = resolve(import.meta.dirname, '../src/cli.ts');

export async function demoFigure(ground: Ground): Promise<Figure> {
  const directory = join(ground.directory, 'demo-data');
  await mkdir(directory);
  await chmod(directory, 0o711);
  const began = performance.now();
  const after = () => (performance.now() - began) / 1000;
  // As `npm run demo` starts it, from the sources, on a data directory that does not exist yet.
  const args = ['--import', 'tsx', CLI, 'demo', '--port', String(await freePort())];
  const demo = await startChild(args, { BERTH_DATA_DIR: directory }, /Ctrl-C ends the demo/);
  ground.later(() => demo.stop());
  const printed = after();
  const address = demo.lines.map((line) => /http:\/\/\S+\?key=\S+/.exec(line)?.[0]).find((found) => found !== undefined);
  if (address === undefined) throw new Error('the demo printed no address');

  const entered = await fetch(address, { redirect: 'manual' });
  const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const { origin } = new URL(address);
  const page = await fetch(new URL(entered.headers.get('location') ?? '', origin), { headers: { cookie } });
  if (page.status !== 200) throw new Error(`the page answered ${page.status}`);
  const shown = after();

  const view = async () => (await (await fetch(`${origin}/page/view?as=`, { headers: { cookie } })).json()) as View;
  const { me, channels } = await view();
  const channel = channels.find(({ kind }) => kind !== 'dm')?.id;
  const command = { as: me.id, channel, command: '/gpu', text: 'status' };
  // Asked again while the host has not yet reported its GPUs, as a person would.
  await until(async () => {
    const headers = { cookie, 'content-type': 'application/json', origin };
    await fetch(`${origin}/page/command`, { method: 'POST', headers, body: JSON.stringify(command) });
    return JSON.stringify((await view()).channels).includes('GPUs are free');
  }, 'the answer to /gpu status');
  const answered = after();
  const containers = demo.lines.find((line) => line.startsWith('Containers are'))?.split(':')[0] ?? '';
  return {
    what: 'demo usable',
    aim: `≤ ${AIM_S} s`,
    measured: `${answered.toFixed(1)} s`,
    met: answered <= AIM_S,
    notes: [
      `first start, with a new cluster: address printed after ${printed.toFixed(1)} s, page shown after ${shown.toFixed(1)} s, /gpu status answered after ${answered.toFixed(1)} s. ${containers}.`,
    ],
  };
}

interface View {
  readonly me: { readonly id: string };
  readonly channels: readonly { readonly id: string; readonly kind: string }[];
}
