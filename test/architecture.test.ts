// The house rules that a machine can hold: room directions, library homes, size ceiling, who may touch the process.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/** What each room may import besides itself (design section 2, lowest first). Files in src itself are the roots. */
const ROOMS: Record<string, readonly string[]> = {
  platform: [],
  tables: ['platform'],
  access: ['tables', 'platform'],
  records: ['access', 'tables', 'platform'],
  changes: ['records', 'access', 'tables', 'platform'],
  scripts: ['changes', 'records', 'access', 'tables', 'platform'],
  auth: ['access', 'platform'],
  admin: ['records', 'access', 'tables', 'platform'],
  stores: ['changes', 'records', 'access', 'tables', 'platform'],
  graphql: ['admin', 'auth', 'scripts', 'changes', 'records', 'access', 'tables', 'platform'],
};

/** The only places that may import a library. A folder, or one file. */
const LIBRARY_HOMES: Record<string, readonly string[]> = {
  graphql: ['graphql/', 'admin/', 'tables/grammar/'],
  '@apollo/server': ['graphql/'],
  '@apollo/server-gateway-interface': ['graphql/class-servers.ts'],
  'type-graphql': ['admin/'],
  'reflect-metadata': ['admin/'],
  pg: ['stores/'],
  typeorm: ['stores/'],
  mongodb: ['stores/'],
  jose: ['auth/'],
  pino: ['platform/log.ts'],
  'prom-client': ['platform/metrics.ts'],
  'lru-cache': ['graphql/', 'auth/', 'changes/', 'stores/'],
  pluralize: ['tables/names.ts'],
  dotenv: ['config/'],
  '@graphql-yoga/render-graphiql': ['graphql/'],
  esbuild: ['scripts/load/', 'scripts/host/'],
  '@jridgewell/trace-mapping': ['scripts/load/'],
  ws: ['graphql/ws/'],
  'graphql-ws': ['graphql/ws/'],
};

/** The only files that may name `process`: the process itself, its configuration, its log, and its child process. */
const PROCESS_HOMES = ['main.ts', 'config/', 'commands/', 'platform/log.ts', 'stores/embedded-postgres/'];

const CEILING = { src: 300, test: 400 };

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(text: string): string[] {
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
    ),
  ].map((found) => found[1] ?? found[2] ?? found[3] ?? '');
}

const at = (homes: readonly string[], file: string) =>
  homes.some((home) => (home.endsWith('/') ? file.startsWith(home) : file === home));

const sources = filesUnder(SRC).map((path) => ({
  path,
  file: relative(SRC, path).split(sep).join('/'),
  text: readFileSync(path, 'utf8'),
}));

function offences(check: (source: (typeof sources)[number]) => string[]): string[] {
  return sources.flatMap((source) => check(source).map((problem) => `${source.file}: ${problem}`));
}

test('every room imports only the rooms below it', () => {
  const problems = offences(({ path, file, text }) => {
    const room = file.includes('/') ? (file.split('/')[0] ?? '') : '';
    if (room === '' || room === 'commands' || room === 'config') return [];
    const allowed = ROOMS[room];
    if (!allowed) return [`no such room: ${room}`];
    return importsOf(text)
      .filter((name) => name.startsWith('.'))
      .map((name) =>
        relative(SRC, resolve(dirname(path), name))
          .split(sep)
          .join('/'),
      )
      .filter((target) => !target.startsWith(`${room}/`) && !allowed.some((other) => target.startsWith(`${other}/`)))
      .map((target) => `may not import ${target}`);
  });
  assert.deepEqual(problems, []);
});

test('every library is imported only from its home', () => {
  const problems = offences(({ file, text }) =>
    importsOf(text)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .filter((name) => {
        const library = Object.keys(LIBRARY_HOMES).find((known) => name === known || name.startsWith(`${known}/`));
        return library === undefined || !at(LIBRARY_HOMES[library] ?? [], file);
      })
      .map((name) => `${name} has no home here`),
  );
  assert.deepEqual(problems, []);
});

test('only the process files touch the process', () => {
  const problems = offences(({ file, text }) =>
    /\bprocess\.[a-z]/.test(text) && !at(PROCESS_HOMES, file) ? ['names process'] : [],
  );
  assert.deepEqual(problems, []);
});

test('no file is over its ceiling', () => {
  const lines = (text: string) => text.split('\n').length - 1;
  const long = [
    ...sources.filter(({ text }) => lines(text) > CEILING.src).map(({ file }) => `src/${file}`),
    ...filesUnder(join(ROOT, 'test'))
      .filter((path) => lines(readFileSync(path, 'utf8')) > CEILING.test)
      .map((path) => relative(ROOT, path)),
  ];
  assert.deepEqual(long, []);
});

test('a deferral names its issue, and nothing escapes the type checker', () => {
  const problems = offences(({ text }) => [
    ...[...text.matchAll(/\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/g)].map((found) => `${found[1]} without an issue`),
    ...[...text.matchAll(/@ts-(ignore|nocheck)|\bas any\b/g)].map((found) => found[0]),
  ]);
  assert.deepEqual(problems, []);
});

test('every path under src that the README names exists', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const named = [...readme.matchAll(/\bsrc\/[\w./-]*\w/g)].map((found) => found[0]);
  const known = new Set(
    sources.flatMap(({ file }) => [
      `src/${file}`,
      ...file.split('/').map((_, i, parts) => `src/${parts.slice(0, i).join('/')}`),
    ]),
  );
  assert.deepEqual(
    named.filter((path) => !known.has(path)),
    [],
  );
});
