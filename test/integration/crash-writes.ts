// What the clients of a crash test write, and what must be in the database of a write that was done: each leaves a mark of
// its own wherever it goes.

export const TABLES = `
  type Entry @table @permission(level: PUBLIC) { mark: String! @index }
  type Counter @table @permission(level: PUBLIC) { total: Int! @default(value: "0") note: String marks: [String!]! }
  type Slot @table @permission(level: PUBLIC) { mark: String! }
  type Parcel @table @permission(level: PUBLIC) { mark: String! items: [Item!]! @has(field: "parcel") }
  type Item @table @permission(level: PUBLIC) { mark: String! parcel: Parcel! @belongsTo(onDelete: CASCADE) }
`;

/** Rows that all clients change. */
export const COUNTERS = Array.from({ length: 60 }, (_, at) => `counter-${at}`);
const SLOTS = Array.from({ length: 40 }, (_, at) => `slot-${at}`);

/**
 * How often the mark is found: rows of a table, elements of the lists of counters, changes of a slot. A write that was not
 * done leaves none.
 */
export type Places = Readonly<Partial<Record<'entry' | 'counter' | 'slot' | 'parcel' | 'item', number>>>;

export interface Write {
  readonly kind: string;
  readonly mark: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly leaves: Places;
  /** Whether it is refused when another write was faster. */
  readonly conditional: boolean;
}

export interface Source {
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  /** The version of a counter as it is now. */
  readonly versionOf: (counter: string) => Promise<string>;
}

type Made = Pick<Write, 'query' | 'variables' | 'leaves'> & { readonly conditional?: boolean };
type Make = (mark: string, source: Source) => Made | Promise<Made>;

const BULK = 20;
const NESTED = 4;

const KINDS: Readonly<Record<string, Make>> = {
  'insert under an id': (mark) => ({
    query: 'mutation ($data: EntryInsert!) { insertEntry(data: $data) { id mark version } }',
    variables: { data: { id: mark, mark } },
    leaves: { entry: 1 },
  }),
  insert: (mark) => ({
    query: 'mutation ($data: EntryInsert!) { insertEntry(data: $data) { id createdAt } }',
    variables: { data: { mark } },
    leaves: { entry: 1 },
  }),
  increment: (mark, { random }) => ({
    query:
      'mutation ($id: ID!, $mark: String!) { updateCounter(by: { id: $id }, increment: { total: 1 }, append: { marks: [$mark] }) { total version } }',
    variables: { id: oneOf(COUNTERS, random), mark },
    leaves: { counter: 1 },
  }),
  'update of a version': async (mark, { random, versionOf }) => {
    const id = oneOf(COUNTERS, random);
    return {
      query:
        'mutation ($id: ID!, $mark: String!, $version: Version!) { updateCounter(by: { id: $id }, set: { note: $mark }, increment: { total: 1 }, append: { marks: [$mark] }, ifVersion: $version) { note version } }',
      variables: { id, mark, version: await versionOf(id) },
      leaves: { counter: 1 },
      conditional: true,
    };
  },
  'insert of many': (mark) => ({
    query: 'mutation ($data: [EntryInsert!]!) { insertEntries(data: $data) { count nodes { id } } }',
    variables: { data: Array.from({ length: BULK }, () => ({ mark })) },
    leaves: { entry: BULK },
  }),
  upsert: (mark, { random }) => ({
    query:
      'mutation ($id: ID!, $mark: String!) { upsertSlot(by: { id: $id }, insert: { id: $id, mark: $mark }, update: { mark: $mark }) { inserted node { mark version } } }',
    variables: { id: oneOf(SLOTS, random), mark },
    leaves: { slot: 1 },
  }),
  'nested insert': (mark) => ({
    query: 'mutation ($data: ParcelInsert!) { insertParcel(data: $data) { id items { id mark } } }',
    variables: { data: { mark, items: { insert: Array.from({ length: NESTED }, () => ({ mark })) } } },
    leaves: { parcel: 1, item: NESTED },
  }),
  transaction: (mark, { random }) => ({
    query:
      'mutation ($id: ID!, $fresh: ID!, $mark: String!) @transaction { insertEntry(data: { mark: $mark }) { id } updateCounter(by: { id: $id }, increment: { total: 1 }, append: { marks: [$mark] }) { total } upsertSlot(by: { id: $fresh }, insert: { mark: $mark }) { inserted } }',
    variables: { id: oneOf(COUNTERS, random), fresh: mark, mark },
    leaves: { entry: 1, counter: 1, slot: 1 },
  }),
};

/** A write of a random kind under a mark that no other write has. */
export async function makeWrite(mark: string, source: Source): Promise<Write> {
  const kind = oneOf(Object.keys(KINDS), source.random);
  const made = await KINDS[kind]?.(mark, source);
  if (!made) throw new Error(`no such kind: ${kind}`);
  return { kind, mark, conditional: false, ...made };
}

export function oneOf<T>(things: readonly T[], random: () => number): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new Error('nothing to choose from');
  return thing;
}
