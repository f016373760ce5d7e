import { describe, expect, it } from 'vitest';
import { readButtonValue, buttonValue } from '../../src/slack/ids.ts';
import { readCommand } from '../../src/slack/commands.ts';
import { mayAnswerTo } from '../../src/slack/response-url.ts';

describe('what was typed', () => {
  it.each([
    ['', { kind: 'status' }],
    ['  status ', { kind: 'status' }],
    ['/gpu status', { kind: 'status' }],
    ['MINE', { kind: 'mine' }],
    ['help', { kind: 'help' }],
    ['release', { kind: 'release', id: null }],
    ['release AL-7K3Q9XWD', { kind: 'release', id: 'al-7k3q9xwd' }],
    ['cancel `al-7k3q9xwd`', { kind: 'cancel', id: 'al-7k3q9xwd' }],
    ['request 1 a100 -- request more', { kind: 'request', text: ' 1 a100 -- request more' }],
    ['why', { kind: 'why', id: null }],
    ['/gpu why `AL-7K3Q9XWD`', { kind: 'why', id: 'al-7k3q9xwd' }],
    ['again', { kind: 'again', id: null }],
    ['again al-7k3q9xwd', { kind: 'again', id: 'al-7k3q9xwd' }],
    ['queue', { kind: 'queue', pool: null }],
    ['Queue A100', { kind: 'queue', pool: 'a100' }],
    ['quota', { kind: 'quota', target: null }],
    ['quota <@U0ADA0001|ada l.>', { kind: 'quota', target: { kind: 'member', user: 'U0ADA0001' } }],
    ['quota &lt;@W0ADA0001&gt;', { kind: 'quota', target: { kind: 'member', user: 'W0ADA0001' } }],
    ['quota Vision', { kind: 'quota', target: { kind: 'team', name: 'vision' } }],
    ['quota team vision', { kind: 'quota', target: { kind: 'team', name: 'vision' } }],
    ['quota team', { kind: 'quota', target: { kind: 'team', name: 'team' } }],
    ['quota <!channel>', { kind: 'quota', target: { kind: 'team', name: '<!channel>' } }],
    ['admin', { kind: 'admin', rest: '' }],
    ['/gpu admin grant <@U1> 5 gpu-hours — admin “x”', { kind: 'admin', rest: ' grant <@U1> 5 gpu-hours — admin “x”' }],
    ['qouta', { kind: 'unknown', word: 'qouta', nearest: 'quota' }],
    ['requst 1 a100', { kind: 'unknown', word: 'requst', nearest: 'request' }],
    ['gpu status', { kind: 'status' }],
    ['GPU  release al-7k3q9xwd', { kind: 'release', id: 'al-7k3q9xwd' }],
    ['gpu for 2h', { kind: 'unknown', word: 'gpu', text: 'gpu for 2h' }],
    [' /gpu 2 a100 for 2h', { kind: 'unknown', word: '2', text: '2 a100 for 2h' }],
    ['flibbertigibbet', { kind: 'unknown', nearest: null }],
  ])('"%s"', (typed, command) => {
    expect(readCommand(typed)).toMatchObject(command);
  });

  it('may have the slash command’s own name before it, and no other’s', () => {
    expect(readCommand('/Berth mine', '/berth')).toEqual({ kind: 'mine' });
    expect(readCommand('/berth', '/berth')).toEqual({ kind: 'status' });
    expect(readCommand('/gpu mine', '/berth')).toMatchObject({ kind: 'unknown', word: '/gpu' });
  });
});

describe('a button’s value', () => {
  it('carries the allocation and the version it was drawn for', () => {
    expect(readButtonValue(buttonValue('al-7k3q9xwd', 12))).toEqual({ id: 'al-7k3q9xwd', version: 12 });
  });
  it.each(['', 'al-7k3q9xwd', 'al-7k3q9xwd:0', 'al-7k3q9xwd:-1', 'AL-X:1', 'al-7k3q9xwd:1; drop', 'al-7k3q9xwd:99999999999'])(
    '"%s" is none of ours',
    (value) => {
      expect(readButtonValue(value)).toBeNull();
    },
  );
});

describe('where answers may go', () => {
  it.each([
    ['https://hooks.slack.com/commands/1', undefined, true],
    ['http://hooks.slack.com/commands/1', undefined, false],
    ['http://169.254.169.254/latest', undefined, false],
    ['nonsense', undefined, false],
    ['http://127.0.0.1:9999/response/1', 'http://127.0.0.1:9999/api/', true],
    ['http://127.0.0.1:22/response/1', 'http://127.0.0.1:9999/api/', false],
  ])('%s with the API at %s: %s', (url, api, allowed) => {
    expect(mayAnswerTo(url, api)).toBe(allowed);
  });
});
