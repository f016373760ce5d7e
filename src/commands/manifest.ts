// `berth manifest`: what deploy/slack-manifest.yaml holds.
import { stringify } from 'yaml';
import { COMMAND_NAME, DEFAULT_COMMAND } from '../slack/ids.ts';
import { manifest } from '../slack/manifest.ts';

export function manifestText(command: string = DEFAULT_COMMAND): string {
  return `# Made by \`npm run manifest\`; a test compares it with the listeners.\n${stringify(manifest(command))}`;
}

export function printManifest({ command }: { command: string }): number {
  if (!COMMAND_NAME.test(command)) {
    console.error(`"${command}" is no name of a slash command; write for example /berth, in lower-case letters, digits, - and _.`);
    return 2;
  }
  process.stdout.write(manifestText(command));
  return 0;
}
