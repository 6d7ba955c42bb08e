// A library to be listed and paged through: a column of every type with an order, few different values so that many rows
// are equal, missing values, rows that a rule hides, and rows that are deleted.

import { openTestService, type TestService } from '../support/open-test-service.ts';

export const LIBRARY = `
enum Kind { LOW NORMAL HIGH }
type Shelf @table @permission(level: PUBLIC, rows: { open: { eq: true } }) {
  name: String!  rank: Int  open: Boolean!
  secret: Int @permission(on: [READ], level: ADMIN)
  books: [Book!]! @has(field: "shelf")
  label: Label @has(field: "shelf")
}
type Label @table @permission(level: PUBLIC) { size: Int  shelf: Shelf! @belongsTo @unique }
type Book @table(softDelete: true) @permission(level: PUBLIC) {
  title: String!  n: Int!  code: ID  some: Int  big: BigInt  cost: Decimal  ratio: Float  done: Boolean
  day: Date  time: Time  at: DateTime  key: UUID  kind: Kind
  tags: [String!]!  meta: JSON  raw: Bytes
  secret: Int @permission(on: [READ], level: ADMIN)
  shelf: Shelf @belongsTo
  notes: [Note!]! @has(field: "book")
  topics: [Topic!]! @manyToMany
}
type Note @table @permission(level: PUBLIC, rows: { hidden: { eq: false } }) { hidden: Boolean!  book: Book! @belongsTo }
type Topic @table @permission(level: PUBLIC) { name: String!  books: [Book!]! @manyToMany(field: "topics") }
type Vault @table @permission(level: ADMIN) { code: String! }`;

export interface Book {
  readonly id: string;
  readonly deleted: boolean;
  readonly shelf: string | null;
  readonly notes: number;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

export const KINDS = ['LOW', 'NORMAL', 'HIGH'];

/** What each column may have, in its order; then what is missing. Precise where a JS number or Date would not be. */
export const VALUES: Readonly<Record<string, readonly (string | number | boolean)[]>> = {
  n: [-1, 0, 7],
  code: ['A', 'B', 'a', 'é', 'ﬀ', '\u{1F600}'],
  some: [-2147483648, 0, 2147483647],
  big: ['-9223372036854775808', '9007199254740992', '9007199254740993'],
  cost: ['-1.10', '0.000000000000000000001', '0.000000000000000000002', '12345678901234567890.5'],
  ratio: [-1e300, 0.1, 0.30000000000000004, 5e-324].sort((a, b) => a - b),
  done: [false, true],
  day: ['0001-01-01', '2026-02-28', '2026-03-01'],
  time: ['00:00:00.000000', '12:30:00.000001', '12:30:00.000002'],
  at: ['2026-03-01T09:30:00.000001Z', '2026-03-01T09:30:00.000002Z', '9999-12-31T23:59:59.999999Z'],
  key: ['018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f', 'ffffffff-0000-4000-8000-000000000000'],
  kind: KINDS,
};
/** Their order is that of people, which is not written out here. */
const TITLES = ['apple', 'Äpfel', 'Apple', 'zebra', 'été', 'Ete', '10', '9', '', 'ﬀ', '日本', '\u{1F600}'];
export const SHELVES = [
  { id: 's1', rank: 2, open: true, label: 5 },
  { id: 's2', rank: null, open: true, label: null },
  { id: 's3', rank: 1, open: false, label: 1 },
  { id: 's4', rank: 1, open: true, label: 9 },
] as const;

/** Numbers that look random and are the same every time. */
function* numbers(): Generator<number, never> {
  for (let state = 7; ; ) {
    state = (state * 48271) % 2147483647;
    yield state;
  }
}

export function makeBooks(count: number): Book[] {
  const random = numbers();
  const below = (limit: number) => random.next().value % limit;
  return Array.from({ length: count }, (_, at): Book => {
    const values = Object.entries(VALUES).map(([name, known]) => {
      const value = name === 'n' || below(4) > 0 ? known[below(known.length)] : null;
      return [name, value ?? null] as const;
    });
    const shelf = SHELVES[below(SHELVES.length + 1)]?.id ?? null;
    const id = `b${String((at * 37) % count).padStart(3, '0')}`;
    const title = TITLES[below(TITLES.length)] ?? '';
    return { id, deleted: below(6) === 0, shelf, notes: below(3), values: { title, ...Object.fromEntries(values) } };
  });
}

/** Opens a service with the books in its database. */
export async function openLibrary(books: readonly Book[]): Promise<TestService> {
  const app = await openTestService({ sdl: LIBRARY });
  try {
    for (const { id, rank, open, label } of SHELVES) {
      await app.database.query('INSERT INTO shelf (id, name, rank, open) VALUES ($1, $1, $2, $3)', [id, rank, open]);
      if (label !== null)
        await app.database.query('INSERT INTO label (id, size, shelf_id) VALUES ($1, $2, $1)', [id, label]);
    }
    const rows = books.map(({ id, deleted, shelf, values }) => ({
      id,
      deleted,
      shelf_id: shelf,
      tags: [],
      ...values,
    }));
    const columns = ['id', 'deleted', 'shelf_id', 'tags', 'title', ...Object.keys(VALUES)].map((name) => `"${name}"`);
    await app.database.query(
      `INSERT INTO book (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM jsonb_populate_recordset(NULL::book, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
    // One more than is counted: the hidden ones are not there.
    await app.database.query(
      `INSERT INTO note (hidden, book_id) SELECT at = 0, row ->> 'id'
         FROM jsonb_array_elements($1::jsonb) row, generate_series(0, (row ->> 'notes')::int) at`,
      [JSON.stringify(books)],
    );
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
