// A request of a Friday evening: nobody is asked to answer it on a Sunday.
import { expect, it, onTestFinished } from 'vitest';
import { deliver } from '../../src/app/deliver.ts';
import { lapse } from '../../src/app/lapse.ts';
import { request } from '../../src/app/request.ts';
import { movableClock } from '../support/clock.ts';
import { askFor, testApp, testHost } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

const HOUR = 3600;

it('lapses after its time of working hours, which its card says; one within the day says nothing of them', async () => {
  const hours = { zone: 'Europe/Berlin', from: '09:00', to: '18:00' };
  const clock = movableClock('2026-03-06T16:00:00Z');
  const { app, call, shown, end } = await testApp({ clock, policy: testPolicy({ hours, approvalLapse: '8h' }) });
  onTestFinished(end);
  await testHost(app, 'gpu-01', 2);
  const cards = () =>
    shown.flatMap(({ letter }) =>
      letter.kind === 'approval_card' ? [[letter.allocation.lapsesAt, letter.allocation.approval?.lapseSkips]] : [],
    );
  await request(app, await call(people.ada), askFor());
  await deliver(app);
  expect(cards()).toEqual([[new Date('2026-03-09T15:00:00Z'), true]]);
  clock.move(67 * HOUR);
  expect(await lapse(app)).toBe(0);
  clock.move(4 * HOUR);
  expect(await lapse(app)).toBe(1);
  clock.set(new Date('2026-03-10T08:00:00Z'));
  await request(app, await call(people.bob), askFor());
  await deliver(app);
  expect(cards().at(-1)).toEqual([new Date('2026-03-10T16:00:00Z'), false]);
});
