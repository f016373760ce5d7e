// The pages are true in what can be checked: files they name exist, and so do the tests they cite.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' });

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  it('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|deploy|docs|migrations|bench)\/[\w./-]+|[\w-]+\.(?:mjs|json))`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('cites only test files that exist', () => {
    const cited = [...text.matchAll(/`([\w-]+(?:\.(?:pg|docker))?\.test\.ts)`/g)].map(([, name]) => name ?? '');
    expect(cited.filter((name) => !tests.some((path) => `/${path}`.endsWith(`/${name}`)))).toEqual([]);
  });

  it('links only to pages that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');
    const missing = links.filter((path) => !existsSync(path) && !existsSync(`docs/${path}`));
    expect(missing).toEqual([]);
  });
});

it('comments name sections of the architecture page that are there', () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const named = sources.flatMap((path) => {
    const cited = readFileSync(`src/${path}`, 'utf8').matchAll(/docs\/architecture\.md(?:, | )(["§][^.)]+)/g);
    return Array.from(cited, ([, title = '']) => ({ path, title: title.replaceAll('"', '') }));
  });
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ title }) => !page.includes(`\n## ${title}\n`))).toEqual([]);
});

it.each(['docs/architecture.md', 'docs/security.md'])('every test that %s cites by title exists', (page) => {
  const text = readFileSync(page, 'utf8');
  const cited = [...text.matchAll(/`([\w./-]+\.test\.ts)`: ([^|\n`]+)/g)];
  expect(cited.length).toBeGreaterThan(5);
  for (const [, name = '', titles = ''] of cited) {
    const path = tests.map((test) => `test/${test}`).find((test) => `/${test}`.endsWith(`/${name}`));
    const source = readFileSync(path ?? name, 'utf8');
    for (const [, title = ''] of titles.matchAll(/[*_]([^*_]+)[*_]/g)) {
      expect(source).toContain(title.replaceAll('…', '').trim());
    }
  }
});
