// Any order, any page: a list is in the order that a naive sort gives it, and whoever walks through it with cursors, from
// either end and in pages of any size, meets every row once, in the order of the list, and is told where the list ends.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { TestService } from '../support/open-test-service.ts';
import { type Book, makeBooks, openLibrary, SHELVES, VALUES } from './library.ts';

const BOOKS = makeBooks(60);
const DIRECTIONS = ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'ASC_NULLS_LAST', 'DESC_NULLS_FIRST', 'DESC_NULLS_LAST'] as const;
type DirectionName = (typeof DIRECTIONS)[number];

let app: TestService;
before(async () => {
  app = await openLibrary(BOOKS);
});
after(() => app?.close());

interface Key {
  /** The path of a member of BookOrderBy. */
  readonly path: readonly string[];
  readonly direction: DirectionName;
}

/** What a public caller can order by; the title apart, whose order is the database's. */
const NAIVE: readonly (readonly string[])[] = [
  ...Object.keys(VALUES).map((name) => [name]),
  ['id'],
  ['shelf', 'rank'],
  ['shelf', 'id'],
  ['shelf', 'label', 'size'],
  ['notes', 'count'],
  ['shelf', 'books', 'count'],
];

const living = BOOKS.filter(({ deleted }) => !deleted);

/** The place of a book's value under a key, or null: computed without a look at how the service does it. */
function rankOf(book: Book, [name = '', ...rest]: readonly string[]): number | string | null {
  if (name === 'id') return book.id;
  if (name === 'notes') return book.notes;
  if (name !== 'shelf') {
    const value = book.values[name];
    return value === null || value === undefined ? null : (VALUES[name]?.indexOf(value) ?? null);
  }
  const shelf = SHELVES.find(({ id, open }) => id === book.shelf && open);
  if (!shelf) return null;
  if (rest[0] === 'books') return living.filter((other) => other.shelf === shelf.id).length;
  return rest[0] === 'label' ? shelf.label : rest[0] === 'id' ? shelf.id : shelf.rank;
}

function sorted(books: readonly Book[], keys: readonly Key[]): string[] {
  const all: readonly Key[] = [...keys, { path: ['id'], direction: 'ASC' }];
  const compare = (a: Book, b: Book) => {
    for (const { path, direction } of all) {
      const [x, y] = [rankOf(a, path), rankOf(b, path)];
      if (x === y) continue;
      const descending = direction.startsWith('DESC');
      const nullsFirst = direction.endsWith('FIRST') || direction === 'DESC';
      if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
      return x < y === descending ? 1 : -1;
    }
    return 0;
  };
  return [...books].sort(compare).map(({ id }) => id);
}

const toInput = (keys: readonly Key[]) =>
  keys.map(({ path, direction }) => path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), direction));

const keysOf = (paths: readonly (readonly string[])[]) =>
  fc.array(fc.record({ path: fc.constantFrom(...paths), direction: fc.constantFrom(...DIRECTIONS) }), { maxLength: 4 });

async function ask(query: string, variables: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await app.ask(query, { variables });
  assert.equal(answer.errors, undefined, answer.text);
  return answer.data ?? {};
}

async function listOf(orderBy: unknown): Promise<string[]> {
  const { books } = await ask('query ($o: [BookOrderBy!]) { books(orderBy: $o, first: 1000) { id } }', { o: orderBy });
  return (books as { id: string }[]).map(({ id }) => id);
}

interface Connection {
  readonly nodes: { id: string }[];
  readonly edges: { cursor: string; node: { id: string } }[];
  readonly totalCount: number;
  readonly pageInfo: Record<'startCursor' | 'endCursor', string | null> &
    Record<'hasNextPage' | 'hasPreviousPage', boolean>;
}

async function pageOf(variables: Record<string, unknown>): Promise<Connection> {
  const { page } = await ask(
    `query ($o: [BookOrderBy!], $first: Int, $last: Int, $after: Cursor, $before: Cursor) {
      page: booksConnection(orderBy: $o, first: $first, last: $last, after: $after, before: $before) {
        nodes { id } edges { cursor node { id } } totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`,
    variables,
  );
  return page as Connection;
}

/** What must be true of a page that begins at `from` of the list and has `size` rows. */
function checkPage(page: Connection, list: readonly string[], from: number, size: number): void {
  const expected = list.slice(Math.max(0, from), from + size);
  assert.deepEqual(
    page.nodes.map(({ id }) => id),
    expected,
  );
  assert.deepEqual(
    page.edges.map(({ node }) => node.id),
    expected,
  );
  assert.equal(page.totalCount, list.length);
  assert.deepEqual(page.pageInfo, {
    hasNextPage: from + size < list.length,
    hasPreviousPage: from > 0,
    startCursor: page.edges[0]?.cursor ?? null,
    endCursor: page.edges.at(-1)?.cursor ?? null,
  });
}

describe('any order', () => {
  test('is that of a naive sort', () =>
    fc.assert(
      fc.asyncProperty(keysOf(NAIVE), async (keys) => {
        assert.deepEqual(await listOf(toInput(keys)), sorted(living, keys));
      }),
      { numRuns: 200 },
    ));

  for (const path of NAIVE) {
    for (const direction of DIRECTIONS) {
      test(`by ${path.join('.')} ${direction}`, async () => {
        const keys = [{ path, direction }];
        assert.deepEqual(await listOf(toInput(keys)), sorted(living, keys));
      });
    }
  }
});

describe('any page', () => {
  const paths = [...NAIVE, ['title'], ['shelf', 'name']];

  test('forward, every row once', () =>
    fc.assert(
      fc.asyncProperty(keysOf(paths), fc.integer({ min: 3, max: 30 }), async (keys, first) => {
        const o = toInput(keys);
        const list = await listOf(o);
        for (let at = 0, next: string | null = null; ; at += first) {
          const page: Connection = await pageOf({ o, first, after: next });
          checkPage(page, list, at, first);
          if (!page.pageInfo.hasNextPage) break;
          next = page.pageInfo.endCursor;
        }
      }),
      { numRuns: 40 },
    ));

  test('backward, every row once', () =>
    fc.assert(
      fc.asyncProperty(keysOf(paths), fc.integer({ min: 3, max: 30 }), async (keys, last) => {
        const o = toInput(keys);
        const list = await listOf(o);
        for (let to = list.length, next: string | null = null; ; to -= last) {
          const page: Connection = await pageOf({ o, last, before: next });
          checkPage(page, list, Math.max(0, to - last), Math.min(last, to));
          if (!page.pageInfo.hasPreviousPage) break;
          next = page.pageInfo.startCursor;
        }
      }),
      { numRuns: 40 },
    ));

  test('between two cursors, from either end', () =>
    fc.assert(
      fc.asyncProperty(
        keysOf(paths),
        fc.tuple(fc.nat(), fc.nat()),
        fc.integer({ min: 0, max: 12 }),
        fc.boolean(),
        async (keys, [one, other], size, fromEnd) => {
          const o = toInput(keys);
          const list = await listOf(o);
          const all = await pageOf({ o, first: 1000 });
          const [from = 0, to = 0] = [one % list.length, other % list.length].sort((a, b) => a - b);
          const [after, before] = [all.edges[from]?.cursor, all.edges[to]?.cursor];
          const inside = list.slice(from + 1, to);
          const page = await pageOf({ o, after, before, ...(fromEnd ? { last: size } : { first: size }) });
          const expected = fromEnd ? inside.slice(Math.max(0, inside.length - size)) : inside.slice(0, size);
          assert.deepEqual(
            page.nodes.map(({ id }) => id),
            expected,
          );
          // The rows of the cursors are outside of the page, and in the list.
          assert.equal(page.pageInfo.hasNextPage, true);
          assert.equal(page.pageInfo.hasPreviousPage, true);
          assert.equal(page.totalCount, list.length);
        },
      ),
      { numRuns: 60 },
    ));
});
