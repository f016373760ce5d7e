// Row A9: the one redactor stands between every log call and the output.
import { DrizzleQueryError } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';

const SECRETS = {
  botToken: 'xoxb-123456789012-canary',
  appToken: 'xapp-1-A1-2-canary',
  legacyToken: 'xoxp-1-canary',
  database: 'postgresql://berth:canary@/ledger?host=/var/lib/berth',
  responseUrl: 'https://hooks.slack.com/commands/T1/2/canary',
  privateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\ncanary\n-----END OPENSSH PRIVATE KEY-----',
};

/** What a log call writes. */
function written(call: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  call(createLog('test', 'trace', { write: (line) => lines.push(line) }));
  expect(lines).toHaveLength(1);
  expect(() => JSON.parse(lines[0] ?? '') as unknown).not.toThrow();
  return lines[0] ?? '';
}

it.each(Object.entries(SECRETS))('takes a %s out, wherever it stands', (_, secret) => {
  const nested = new Error('outer', { cause: new Error(`inner ${secret}`, { cause: new TypeError(`innermost ${secret}`) }) });
  const many = new AggregateError([new Error(secret), nested], secret);
  const odd = Object.assign(new Error('request failed'), { request: { url: secret, list: [secret] }, [secret]: 1 });
  const calls: ((log: ReturnType<typeof createLog>) => void)[] = [
    (log) => log.info(secret),
    (log) => log.info('told %s', secret),
    (log) => log.warn({ deep: { deeper: { deepest: { list: [`a ${secret} b`] } } } }, 'said'),
    (log) => log.error({ err: nested }, 'failed'),
    (log) => log.error({ err: many }, 'failed'),
    (log) => log.error({ err: odd }, 'failed'),
    (log) => log.error(nested),
    (log) => log.child({ context: secret }).debug('child'),
    (log) => log.fatal({ err: secret }, 'thrown text'),
  ];
  for (const call of calls) expect(written(call)).not.toContain('canary');
});

it('takes out by name what has no shape of its own', () => {
  for (const key of ['token', 'secret', 'password', 'authorization', 'response_url', 'trigger_id', 'databaseUrl', 'key']) {
    for (const value of [{ [key]: 'canary' }, { one: { [key]: 'canary' } }, { one: { two: { [key]: ['canary'] } } }])
      expect(written((log) => log.info(value, 'x'))).not.toContain('canary');
  }
});

it('leaves the values of a database statement out, and keeps what failed, and why', () => {
  const values = ['canary "quoted" \\ and\nlines', 'canary\n    attention'];
  const cause = Object.assign(new Error('connection closed'), { code: 'CONNECTION_CLOSED', parameters: values, args: values });
  for (const err of [new DrizzleQueryError('insert into inbox values ($1)', values, cause), cause, new AggregateError([cause])]) {
    const line = written((log) => log.error({ err }, 'failed'));
    expect(line).not.toContain('canary');
    expect(line).toContain('connection closed');
    expect(line).toContain('redact.test.ts');
  }
});
