// Reads vitest's report: names what was skipped and why, fails what may not be, and ends with "N passed, N failed, N skipped".
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const reportFile = process.argv[2] ?? join(root, 'test-report.json');
const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : { testResults: [] };

const tests = report.testResults.flatMap((file) => {
  const path = relative(root, file.name);
  const found = file.assertionResults.map(({ status, fullName }) => ({ path, status, name: fullName.trim() }));
  // A file that could not be loaded has no tests of its own to fail.
  const broken = file.status === 'failed' && !found.some(({ status }) => status === 'failed');
  return broken ? [...found, { path, status: 'failed', name: `(the file) ${file.message}` }] : found;
});
const passed = tests.filter(({ status }) => status === 'passed');
const failed = tests.filter(({ status }) => status === 'failed');
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
const faults = [];

for (const { path, name } of skipped) {
  const reason = /\[left out: ([^\]]+)\]/.exec(name)?.[1] ?? 'no reason given';
  console.log(`skipped: ${path}: ${name} (${reason})`);
}
for (const { path, name } of failed) console.log(`failed: ${path}: ${name}`);

if (passed.length === 0) faults.push('no test passed: nothing was shown');
for (const kind of ['pg', 'docker']) {
  const needy = ({ path }) => path.endsWith(`.${kind}.test.ts`);
  const files = readdirSync(join(root, 'test'), { recursive: true }).filter((path) => needy({ path }));
  const ran = new Set([...passed, ...failed].map(({ path }) => path));
  const silent = files.map((path) => join('test', path)).filter((path) => !ran.has(path));
  if (silent.length > 0) faults.push(`these files did not run: ${silent.join(', ')}`);
  const count = skipped.filter(needy).length;
  if (count > 0) faults.push(`${count} tests of *.${kind}.test.ts were skipped; none may be here`);
}
for (const fault of faults) console.log(`fault: ${fault}`);
console.log(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length > 0 || faults.length > 0 ? 1 : 0;
