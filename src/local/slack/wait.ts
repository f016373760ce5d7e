// Waiting for something to be seen in the workspace, woken by its changes instead of by a timer.
import type { Workspace } from './state.ts';

type Nothing = undefined | null | false;

/** Resolves with the first answer of `look` that is not undefined, null or false; looks again after every change. */
export function waitFor<T>(workspace: Workspace, look: () => T | Nothing, timeoutMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop: () => void = () => undefined;
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`Waited ${timeoutMs} ms in vain for ${what}.`));
    }, timeoutMs);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      stop();
      end();
    };
    const attempt = (): void => {
      try {
        const found = look();
        if (found !== undefined && found !== null && found !== false) settle(() => resolve(found));
      } catch (error) {
        settle(() => reject(error as Error));
      }
    };
    stop = workspace.onChange(attempt);
    attempt();
  });
}
