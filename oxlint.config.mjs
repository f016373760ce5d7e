// Lint rules; the layer rules are generated from layers.mjs. Run with `-c oxlint.config.mjs`: this name is not found by itself.
import { everywhere, layers, purer } from './layers.mjs';

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/**
 * A regular expression of everything that begins with none of `beginnings` (a final `$` demands the end there). Patterns have no
 * look-around, so it is spelled out: at each point where the beginnings go on, any other character, or the end.
 */
function noneOf(beginnings) {
  const points = new Map();
  for (const beginning of beginnings) {
    for (let length = 0; length < beginning.length; length += 1) {
      const point = beginning.slice(0, length);
      points.set(point, new Set([...(points.get(point) ?? []), beginning[length]]));
    }
  }
  const ways = [...points].map(([point, next]) => {
    const characters = [...next].filter((character) => character !== '$').map(escape);
    const other = characters.length === 0 ? '.' : `[^${characters.join('')}]`;
    return `${escape(point)}(?:${next.has('$') ? other : `${other}|$`})`;
  });
  return `(?:${ways.join('|')})`;
}

/** Restricted import patterns of the files `depth` folders below src/`name`: everything that its row does not allow. */
function restrictions({ name, may, npm, node, siblings }, depth) {
  const up = (levels) => '\\.\\./'.repeat(levels);
  const levels = name.split('/').length;
  const packages = [...everywhere, ...npm];
  const bare = ['.', ...(node ? ['node:'] : []), ...packages.flatMap((pkg) => [`${pkg}$`, `${pkg}/`])];
  const across = [...may.map((folder) => `${folder}/`), 'log.ts$'];
  const patterns = [
    {
      regex: `^${noneOf(bare)}`,
      message: `src/${name} may use the packages: ${packages.join(', ')}${node ? '' : '; it is pure: no I/O'} (layers.mjs).`,
    },
    { regex: `^${up(levels + depth)}${noneOf(across)}`, message: `src/${name} may import: ${may.join(', ') || 'nothing'} (layers.mjs).` },
    { regex: '^\\./\\.|[^./]/\\.', message: 'Write the shortest path: the layer rules read it (layers.mjs).' },
    { regex: '^node:process$', message: 'process is a global; its environment is read by config.ts alone (layers.mjs).' },
  ];
  if (siblings !== undefined) {
    patterns.push({
      regex: `^${up(levels + depth - 1)}${noneOf(['../', ...siblings])}`,
      message: `src/${name} may import beside itself: ${siblings.join(', ') || 'nothing'} (layers.mjs).`,
    });
  }
  return patterns;
}

/** Paths are relative, so how many levels lead out of a folder depends on the depth of the file. */
const layerOverrides = [...Object.entries(layers), ...Object.entries(purer)].flatMap(([name, rule]) =>
  [0, 1, 2].map((depth) => ({
    files: [`src/${name}/${'*/'.repeat(depth)}*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: restrictions({ name, ...rule }, depth) }] },
  })),
);

const noClock = [{ name: 'Date', message: 'Time comes from outside; Date is built only in domain/time.ts.' }];
const noWorld = ['process', 'fetch', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'crypto'].map(
  (name) => ({
    name,
    message: 'This folder is pure: what it needs comes in as a parameter.',
  }),
);
const pure = Object.entries({ ...layers, ...purer }).flatMap(([name, { node }]) => (node ? [] : [`src/${name}/**/*.ts`]));

const environmentAllowed = { 'node/no-process-env': 'off', 'no-restricted-properties': 'off' };

export default {
  plugins: ['typescript', 'import', 'node', 'unicorn', 'promise', 'vitest'],
  categories: { correctness: 'error' },
  env: { node: true, es2023: true },
  ignorePatterns: ['dist', 'node_modules', 'migrations'],
  rules: {
    'typescript/no-floating-promises': 'error',
    // Our objects are closures: their functions never read `this`.
    'typescript/unbound-method': 'off',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'node/no-process-env': 'error',
    'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' }],
    'typescript/no-require-imports': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/warn-todo': 'error',
    'no-console': 'error',
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
  },
  overrides: [
    ...layerOverrides,
    { files: ['src/ledger/**/*.ts'], rules: { 'no-restricted-globals': ['error', ...noClock] } },
    { files: pure, rules: { 'no-restricted-globals': ['error', ...noClock, ...noWorld] } },
    { files: ['src/domain/time.ts'], rules: { 'no-restricted-globals': 'off' } },
    { files: ['src/config.ts', 'src/agent/config.ts'], rules: { ...environmentAllowed } },
    { files: ['src/cli.ts', 'src/commands/**/*.ts', 'bench/**/*.ts', 'test/run.mjs', '.ci/**'], rules: { 'no-console': 'off' } },
    {
      files: ['test/**', 'bench/**', '.ci/**'],
      rules: {
        ...environmentAllowed,
        'typescript/no-non-null-assertion': 'off',
        // Helpers that assert are called expectSomething.
        'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*'] }],
      },
    },
    {
      files: ['vitest.config.ts', 'drizzle.config.ts', '*.mjs'],
      rules: { 'import/no-default-export': 'off', ...environmentAllowed },
    },
  ],
};
