// The page's server side and its pure parts: what a member is shown, live changes, mrkdwn as a tree, and no markup strings anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ADA, BEN, boltOverHttp, browser, slackWithTwo } from './support.ts';

const folder = new URL('../../../src/local/slack/page/', import.meta.url);

interface Mrkdwn {
  readonly parseMrkdwn: (text: string) => unknown[];
  readonly formatDate: (date: { unix: number; format: string }, timeZone: string, now: Date) => string;
}
const { parseMrkdwn, formatDate } = (await import(new URL('mrkdwn.js', folder).href)) as Mrkdwn;

describe('the page’s server side', () => {
  it('serves every file of the page, and only those', async () => {
    const { slack } = await slackWithTwo();
    const { get } = await browser(slack);
    for (const name of readdirSync(folder)) expect([name, (await get(`/${name}`)).status]).toEqual([name, 200]);
    expect((await get('/local-slack.ts')).status).toBe(404);
  });

  it('shows two tabs each what its own member sees', async () => {
    const { slack, channel } = await slackWithTwo();
    const { get, post } = await browser(slack);
    await boltOverHttp(slack, (app) => {
      app.command('/gpu', async ({ ack }) => ack('just for you'));
    });
    expect(await (await post('/page/command', { as: ADA, channel, command: '/gpu', text: '' })).json()).toEqual({ outcome: 'acked' });
    const view = async (as: string) =>
      (await (await get(`/page/view?as=${as}`)).json()) as { me: { id: string }; channels: { id: string; messages: object[] }[] };
    const seen = async (as: string) => (await view(as)).channels.find((each) => each.id === channel)?.messages.length;
    expect(await seen(ADA)).toBe(1);
    expect(await seen(BEN)).toBe(0);
    expect((await view(BEN)).channels.map((each) => each.id)).not.toContain(slack.dm(ADA));
    expect((await view('nobody')).me.id).toBe(ADA);
  });

  it('says which commands there are instead of sending another', async () => {
    const { slack, channel } = await slackWithTwo();
    const { post } = await browser(slack);
    const answer = await post('/page/command', { as: ADA, channel, command: '/gpus', text: '' });
    expect([answer.status, await answer.text()]).toEqual([409, '/gpus is not a valid command. There is: /gpu.']);
    expect(slack.deliveries).toEqual([]);
  });

  it('tells a waiting page of every change', async () => {
    const { slack, channel } = await slackWithTwo();
    const { get } = await browser(slack);
    const stop = new AbortController();
    const stream = (await get('/page/changes', { signal: stop.signal })).body?.getReader();
    const next = async () => new TextDecoder().decode((await stream?.read())?.value);
    expect(await next()).toContain('data: hello');
    await slack.say(ADA, channel, 'news');
    expect(await next()).toContain('data: changed');
    stop.abort();
  });

  it('leads a permalink to its channel and message', async () => {
    const { slack, channel } = await slackWithTwo();
    const { get } = await browser(slack);
    const { message } = await slack.say(ADA, channel, 'look here');
    const { headers } = await get(`/archives/${channel}/p${message.ts.replace('.', '')}`);
    expect(headers.get('location')).toBe(`/#${channel}/${message.ts}`);
  });
});

it('never builds elements from strings', () => {
  const markup = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|DOMParser| style="/;
  expect(readdirSync(folder).filter((name) => markup.test(readFileSync(new URL(name, folder), 'utf8')))).toEqual([]);
});

describe('mrkdwn', () => {
  const text = (words: string) => ({ type: 'text', text: words });
  it.each<[string, unknown[]]>([
    ['plain &lt;b&gt; &amp;amp;', [text('plain <b> &amp;')]],
    [
      '*bold* and _it *both*_',
      [
        { type: 'bold', children: [text('bold')] },
        text(' and '),
        { type: 'italic', children: [text('it '), { type: 'bold', children: [text('both')] }] },
      ],
    ],
    ['snake_case_name 2*3*4 * no *', [text('snake_case_name 2*3*4 * no *')]],
    ['~gone~', [{ type: 'strike', children: [text('gone')] }]],
    ['`a *b* <c>`', [{ type: 'code', text: 'a *b* <c>' }]],
    ['```\ndocker exec\n```', [{ type: 'pre', text: 'docker exec' }]],
    ['not ```closed', [text('not '), text('```closed')]],
    ['one\ntwo', [text('one'), { type: 'break' }, text('two')]],
    ['> quoted', [{ type: 'quote', children: [text('quoted')] }]],
    [
      '<@U1|ada> <#C1|gpu> <!here>',
      [
        { type: 'user', id: 'U1', label: 'ada' },
        text(' '),
        { type: 'channel', id: 'C1', label: 'gpu' },
        text(' '),
        { type: 'broadcast', id: 'here', label: '' },
      ],
    ],
    ['<https://x.example/?a=1&amp;b=2|docs>', [{ type: 'link', url: 'https://x.example/?a=1&b=2', label: 'docs' }]],
    [
      'see https://x.example/a_b_c.',
      [text('see '), { type: 'link', url: 'https://x.example/a_b_c', label: 'https://x.example/a_b_c' }, text('.')],
    ],
    ['<javascript:alert(1)|click>', [text('<javascript:alert(1)|click>')]],
    [
      '<!date^1790000000^{date_short_pretty} {time}|fallback>',
      [{ type: 'date', unix: 1_790_000_000, format: '{date_short_pretty} {time}', fallback: 'fallback' }],
    ],
    [':tada: :unheard_of:', [text('🎉 :unheard_of:')]],
  ])('%s', (source, tree) => {
    expect(parseMrkdwn(source)).toEqual(tree);
  });

  it('writes dates in the reader’s zone', () => {
    const now = new Date('2026-09-21T12:00:00Z');
    const unix = Date.parse('2026-09-21T23:30:00Z') / 1000;
    const write = (zone: string, format = '{date_short_pretty} {time}') => formatDate({ unix, format }, zone, now).replace(/\s/gu, ' ');
    expect(write('America/New_York')).toBe('Today 7:30 PM');
    expect(write('Europe/Berlin')).toBe('Tomorrow 1:30 AM');
    expect(write('Etc/UTC', '{date_num} {ago} {nonsense}')).toBe('2026-09-21 in 11 hours {nonsense}');
  });
});
