// Row A8: private answers go to Slack's own servers over https, or to the one server that is configured in its place.
import { expect, it } from 'vitest';
import { mayAnswerTo } from '../../src/slack/response-url.ts';

it('answers to Slack over https only', () => {
  for (const url of ['https://hooks.slack.com/commands/T1/2/x', 'https://hooks.slack-gov.com/actions/T1/2/x'])
    expect([url, mayAnswerTo(url, undefined)]).toEqual([url, true]);
  const foreign = [
    'http://hooks.slack.com/commands/T1/2/x',
    'https://evil.example/commands',
    'https://hooks.slack.com.evil.example/',
    'https://evilslack.com/',
    'https://hooks.slack.com@evil.example/',
    'https://hooks.slack.com:8443/',
    'https://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not a url',
    '',
  ];
  for (const url of foreign) expect([url, mayAnswerTo(url, undefined)]).toEqual([url, false]);
});

it('answers to the configured server only, when another stands in for Slack', () => {
  const api = 'http://127.0.0.1:4000/api/';
  expect(mayAnswerTo('http://127.0.0.1:4000/response/T1/x', api)).toBe(true);
  for (const url of ['http://127.0.0.1:4001/', 'https://127.0.0.1:4000/', 'http://localhost:4000/', 'http://127.0.0.1:4000@evil.example/'])
    expect([url, mayAnswerTo(url, api)]).toEqual([url, false]);
  expect(mayAnswerTo('https://hooks.slack.com/commands/T1/2/x', api)).toBe(false);
});
