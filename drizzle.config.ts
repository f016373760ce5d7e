import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './src/ledger/schema.ts',
    './src/ledger/approval-schema.ts',
    './src/ledger/budget-schema.ts',
    './src/ledger/mail-schema.ts',
    './src/ledger/schedule-schema.ts',
    './src/ledger/group-schema.ts',
    './src/ledger/home-schema.ts',
  ],
  out: './migrations',
  breakpoints: true,
});
