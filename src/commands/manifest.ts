// `berth manifest`: what deploy/slack-manifest.yaml holds.
import { stringify } from 'yaml';
import { manifest } from '../slack/manifest.ts';

export function manifestText(): string {
  return `# Made by \`npm run manifest\`; a test compares it with the listeners.\n${stringify(manifest())}`;
}

export function printManifest(): number {
  process.stdout.write(manifestText());
  return 0;
}
