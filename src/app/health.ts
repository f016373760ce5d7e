// Is the ledger there? For the readiness probe.
import { answers } from '../ledger/alive.ts';
import type { App } from './app.ts';

export async function databaseAnswers(app: App): Promise<boolean> {
  return answers(app.ledger.reads);
}
