// The layer table of docs/architecture.md as data: which folder of src/ may import which, and which npm packages it may use.
// The lint rules are generated from it (oxlint.config.mjs) and a test checks that they bite (test/repository/).

/** Packages every layer may use. */
export const everywhere = ['zod'];

/** @type {Record<string, { may: string[], npm: string[], node: boolean }>} */
export const layers = {
  domain: { may: [], npm: ['luxon', 'chrono-node', 'parse-duration', 'fastest-levenshtein'], node: false },
  ledger: { may: ['domain'], npm: ['drizzle-orm', 'postgres'], node: true },
  app: { may: ['domain', 'ledger'], npm: [], node: true },
  slack: { may: ['domain', 'app'], npm: ['@slack/bolt', '@slack/web-api', '@slack/types', 'undici'], node: true },
  http: { may: ['domain', 'app'], npm: ['prom-client'], node: true },
  agent: { may: ['domain'], npm: ['dockerode'], node: true },
  jobs: { may: ['app', 'domain'], npm: ['node-cron'], node: true },
};

/** Narrower rules for folders inside a layer: pure views know the domain, ids and words only. `siblings`: what beside them they may import. */
export const purer = {
  'slack/views': { may: ['domain'], siblings: ['ids.ts$', 'words/', 'views/'], npm: ['@slack/types'], node: false },
  'slack/words': { may: ['domain'], siblings: ['words/'], npm: [], node: false },
};
