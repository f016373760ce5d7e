// The bot's environment: what it means, what is taken when nothing is said, and which words a wrong one gets.
import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';

const least = { SLACK_BOT_TOKEN: 'xoxb-secret', SLACK_APP_TOKEN: 'xapp-secret' };

function wrong(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing was wrong';
}

describe('an environment', () => {
  it('needs the two tokens and nothing else', () => {
    const config = readConfig({ ...least, BERTH_DATA_DIR: '/data' });
    expect(config).toEqual({
      databaseUrl: null,
      dataDir: '/data',
      policyFile: null,
      slack: { command: '/gpu', botToken: 'xoxb-secret', apiUrl: undefined, transport: { kind: 'socket', appToken: 'xapp-secret' } },
      listen: {
        slack: { kind: 'tcp', host: '127.0.0.1', port: 3000 },
        agents: { kind: 'unix', path: '/data/agents/agents.sock' },
        metrics: { kind: 'tcp', host: '127.0.0.1', port: 9464 },
      },
      logLevel: 'info',
    });
  });

  it('keeps its data where root does, or below one’s own home', () => {
    const own = process.getuid?.() === 0 ? '/var/lib/berth' : `${homedir()}/.local/share/berth`;
    expect(readConfig(least).dataDir).toBe(own);
  });

  it('takes signed HTTP with a signing secret, and Socket Mode where both are given', () => {
    const { SLACK_APP_TOKEN: _, ...rest } = least;
    const http = readConfig({ ...rest, SLACK_SIGNING_SECRET: 'shh' });
    expect(http.slack.transport).toEqual({ kind: 'http', signingSecret: 'shh' });
    expect(readConfig({ ...least, SLACK_SIGNING_SECRET: 'shh' }).slack.transport.kind).toBe('socket');
  });

  it('ends the address of another Web API with a slash', () => {
    for (const url of ['http://127.0.0.1:9/api', 'http://127.0.0.1:9/api/'])
      expect(readConfig({ ...least, SLACK_API_URL: url }).slack.apiUrl).toBe('http://127.0.0.1:9/api/');
  });

  it.each([
    ['0.0.0.0:80', { kind: 'tcp', host: '0.0.0.0', port: 80 }],
    ['[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
    ['unix:/run/berth/slack.sock', { kind: 'unix', path: '/run/berth/slack.sock' }],
  ])('says where to listen: %s', (text, where) => {
    const { listen } = readConfig({ ...least, BERTH_LISTEN_SLACK: text, BERTH_LISTEN_METRICS: text });
    expect([listen.slack, listen.metrics]).toEqual([where, where]);
  });

  it('hears agents on a Unix socket', () => {
    const { listen } = readConfig({ ...least, BERTH_LISTEN_AGENTS: 'unix:/run/berth/agents.sock' });
    expect(listen.agents).toEqual({ kind: 'unix', path: '/run/berth/agents.sock' });
  });
});

describe('a wrong environment', () => {
  it.each(['127.0.0.1:7000', '0.0.0.0:7000', '[::1]:7000'])('is one that hears agents over TCP: %s', (text) => {
    expect(wrong({ ...least, BERTH_LISTEN_AGENTS: text })).toMatch(/^BERTH_LISTEN_AGENTS: has to be unix:\/path;/);
  });

  it.each([
    ['SLACK_BOT_TOKEN', '', /^SLACK_BOT_TOKEN: is missing/],
    ['BERTH_DATA_DIR', 'data', /^BERTH_DATA_DIR: has to be an absolute path/],
    ['BERTH_LISTEN_SLACK', '3000', /^BERTH_LISTEN_SLACK: "3000" is neither HOST:PORT nor unix:\/path/],
    ['BERTH_LISTEN_SLACK', 'a:99999', /neither HOST:PORT/],
    ['BERTH_LISTEN_AGENTS', 'agents.sock', /^BERTH_LISTEN_AGENTS: "agents.sock" is neither/],
    ['SLACK_API_URL', 'slack', /^SLACK_API_URL: /],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL: /],
  ])('is told by the name of the variable: %s=%s', (name, value, words) => {
    expect(wrong({ ...least, [name]: value })).toMatch(words);
  });

  it('is told all at once, without the secrets', () => {
    const words = wrong({ ...least, SLACK_BOT_TOKEN: '', LOG_LEVEL: 'loud' });
    expect(words.split('\n')).toHaveLength(2);
    expect(words).not.toMatch(/secret/);
  });

  it('has no way to hear Slack', () => {
    expect(wrong({ SLACK_BOT_TOKEN: 'xoxb-secret' })).toBe('Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP).');
  });
});
