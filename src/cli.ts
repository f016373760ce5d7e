#!/usr/bin/env -S node --max-semi-space-size=2 --max-old-space-size=512
// `berth <command>`. Exit codes: 0 done, 1 failed, 2 usage. The limits above keep a bot small: docs/performance.md.
import { Command, CommanderError } from 'commander';
import type { InitOptions } from './commands/init.ts';

const program = new Command('berth')
  .description('Gives a team its GPUs, from Slack.')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });

program
  .command('demo')
  .description('everything on this machine, without Slack, a database or a GPU; prints one URL')
  .option('--port <port>', 'port of the page', '8642')
  .action(async (options: { port: string }) => {
    const { demo } = await import('./commands/demo.ts');
    process.exitCode = await demo({ port: Number(options.port) });
  });

program
  .command('bot')
  .description('the bot: Slack, the ledger, the agents’ endpoint, the jobs (configured by environment variables)')
  .action(async () => {
    const { bot } = await import('./commands/bot.ts');
    // Slack's client may still be asking for a connection, a hundred times, with nothing to stop it by.
    process.exit(await bot());
  });

const agentCommand = program
  .command('agent')
  .description('the agent of this GPU host, as root next to its Docker Engine')
  .action(async () => {
    const { agent } = await import('./commands/agent.ts');
    process.exitCode = await agent([]);
  });
agentCommand
  .command('accept')
  .description('obey a ledger that this host does not know, or one that has gone back')
  .action(async () => {
    const { agent } = await import('./commands/agent.ts');
    process.exitCode = await agent(['accept']);
  });

program
  .command('migrate')
  .description('bring the database at DATABASE_URL to this version’s schema')
  .action(async () => {
    const { migrateDatabase } = await import('./commands/migrate.ts');
    process.exitCode = await migrateDatabase();
  });

program
  .command('init')
  .description('write a first policy for the GPUs of this machine')
  .requiredOption('--admin <id>', 'Slack user id of the first admin')
  .requiredOption('--channel <id>', 'id of the channel where requests are approved')
  .option('--out <file>', 'file to write', 'policy.yaml')
  .action(async (options: InitOptions) => {
    const { init } = await import('./commands/init.ts');
    process.exitCode = await init(options);
  });

program
  .command('verify')
  .description('recompute every rule of the ledger at DATABASE_URL from its rows; exit 1 with the first that does not hold')
  .action(async () => {
    const { verifyDatabase } = await import('./commands/verify.ts');
    process.exitCode = await verifyDatabase();
  });

const policy = program.command('policy').description('the policy file');
policy
  .command('check')
  .argument('<file>')
  .description('say whether a policy file is right, and where not')
  .action(async (file: string) => {
    const { checkPolicy } = await import('./commands/policy.ts');
    process.exitCode = checkPolicy(file);
  });

program
  .command('manifest')
  .description('print the Slack app manifest of this version')
  .option('--command <name>', 'name of the slash command; the bot needs the same as BERTH_COMMAND', '/gpu')
  .action(async (options: { command: string }) => {
    const { printManifest } = await import('./commands/manifest.ts');
    process.exitCode = printManifest(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
