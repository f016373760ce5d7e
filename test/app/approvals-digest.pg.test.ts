// The weekly digest: what approvers answered, once for each week, and the rule that would have spared them some of it.
import { expect, it, onTestFinished } from 'vitest';
import { approve, deny } from '../../src/app/answer-request.ts';
import { tellOfApprovals } from '../../src/app/approvals-digest.ts';
import { deliver } from '../../src/app/deliver.ts';
import { lapse } from '../../src/app/lapse.ts';
import { request } from '../../src/app/request.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { parseMoment } from '../../src/domain/time.ts';
import { movableClock } from '../support/clock.ts';
import { askFor, testApp, testHost } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

const HOUR = 3600;

it('counts the week before, suggests a rule where all was a formality, and comes once, whichever bot is first', async () => {
  const hours = { zone: 'Europe/Berlin', from: '00:00', to: '24:00', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] };
  const quota = { gpus: 100, gpusPerRequest: 8, cpuContainers: 2 };
  const { app, call, another, shown, end } = await testApp({
    clock: movableClock('2026-03-10T09:00:00Z'),
    policy: testPolicy({ hours, quota, approvalLapse: '24h' }),
  });
  onTestFinished(end);
  await testHost(app, 'gpu-01', 8);
  const [ada, pat, pia] = await Promise.all([call(people.ada), call(people.pat), call(people.pia)]);
  expect(await tellOfApprovals(app)).toBe(0);
  const asks = async (devices: number, durationSeconds: number) =>
    ({ id: allocationOf(await request(app, ada, askFor({ devices, durationSeconds }))) ?? '', version: 1 }) as const;
  for (let index = 0; index < 10; index++) {
    const asked = await asks(1, (index + 1) * HOUR);
    app.clock.move(60);
    await approve(app, index % 2 === 0 ? pat : pia, asked);
  }
  await deny(app, pat, { ...(await asks(4, 20 * HOUR)), words: 'too many' });
  await asks(1, HOUR);
  app.clock.move(24 * HOUR);
  await lapse(app);
  // Monday, 8:00 in Berlin.
  app.clock.set(parseMoment('2026-03-16T06:59:59Z'));
  expect(await tellOfApprovals(app)).toBe(0);
  app.clock.move(1);
  const told = await Promise.all([tellOfApprovals(app), tellOfApprovals(await another())]);
  expect(told.toSorted()).toEqual([0, 3]);
  await deliver(app);
  const digests = shown.flatMap(({ letter, recipient }) =>
    letter.kind === 'approvals_digest' ? [{ recipient, digest: letter.digest }] : [],
  );
  expect(digests.map(({ recipient }) => recipient).toSorted()).toEqual([people.pat, people.pia, people.root].toSorted());
  expect(digests[0]?.digest).toEqual({
    approved: 10,
    lowered: 0,
    denied: 1,
    lapsed: 1,
    medianSeconds: 60,
    rules: [{ pool: 'a100', gpusMilli: 1000, durationSeconds: 10 * HOUR, unchanged: 10, answered: 11 }],
  });
  app.clock.set(parseMoment('2026-03-23T09:00:00Z'));
  expect(await tellOfApprovals(app)).toBe(0);
});
