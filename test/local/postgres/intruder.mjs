// Another account of the machine: takes {paths} lines on standard input, tries every way in as uid argv[2], and answers {got}.
import { closeSync, constants, openSync, readdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const uid = Number(process.argv[2]);
process.setgroups([]);
process.setgid(uid);
process.setuid(uid);

const worked = (how) => {
  try {
    how();
    return true;
  } catch {
    return false;
  }
};
const connects = (path) =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

for await (const line of createInterface({ input: process.stdin })) {
  const got = [];
  for (const path of JSON.parse(line).paths) {
    if (worked(() => closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)))) got.push(`read ${path}`);
    if (worked(() => closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)))) got.push(`write ${path}`);
    if (worked(() => readdirSync(path))) got.push(`list ${path}`);
    if (worked(() => (closeSync(openSync(`${path}/planted`, 'wx')), unlinkSync(`${path}/planted`)))) got.push(`plant in ${path}`);
    if (await connects(path)) got.push(`connect ${path}`);
  }
  process.stdout.write(`${JSON.stringify({ got })}\n`);
}
