import { describe, expect, it } from 'vitest';
import { KeyedQueue, WaitedTooLong } from '../../src/ledger/keyed-queue.ts';

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('one waiter per key', () => {
  it('runs holders of one key one after the other, in order', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const first = gate();
    const a = queue.run(['x'], 1000, async () => {
      await first.opened;
      log.push('a');
    });
    const b = queue.run(['x', 'y'], 1000, async () => void log.push('b'));
    const c = queue.run(['y'], 1000, async () => void log.push('c'));
    const other = queue.run(['z'], 1000, async () => void log.push('other'));
    await other;
    first.open();
    await Promise.all([a, b, c]);
    expect(log).toEqual(['other', 'a', 'b', 'c']);
  });

  it('gives up after its time without ever starting, and without letting others past', async () => {
    const queue = new KeyedQueue();
    const first = gate();
    let active = 0;
    let most = 0;
    const counted = async (until?: Promise<void>) => {
      active++;
      most = Math.max(most, active);
      await until;
      active--;
    };
    const a = queue.run(['x'], 1000, () => counted(first.opened));
    let started = false;
    const late = queue.run(['x'], 5, async () => void (started = true));
    await expect(late).rejects.toBeInstanceOf(WaitedTooLong);
    const c = queue.run(['x'], 1000, () => counted());
    first.open();
    await Promise.all([a, c]);
    expect(started).toBe(false);
    expect(most).toBe(1);
  });

  it('goes on after a holder has failed', async () => {
    const queue = new KeyedQueue();
    await expect(queue.run(['x'], 100, async () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    await expect(queue.run(['x'], 100, async () => 'next')).resolves.toBe('next');
  });
});
