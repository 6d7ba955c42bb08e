// The ways in which rows are read, each with what it answers when exactly some rows may be seen. What may not be seen must be
// missing from all of it: rows, counts, sums, orders, pages and cursors.

import { HUBS, IDS, namesOf, POINTERS, type Row } from './world.ts';

export interface Seen {
  /** The living rows that the caller may read, by id. */
  readonly rows: readonly Row[];
  /** Those that are deleted. */
  readonly deleted: readonly Row[];
  /** The ids of nodes by those of rows. */
  readonly nodeIds: Readonly<Record<string, string>>;
  /** The cursors of living rows in the order of sizes, as the master key gets them. */
  readonly cursors: Readonly<Record<string, string>>;
}

/** Stands for whatever a cursor is. */
export const CURSOR = 'a cursor';

export interface ReadPath {
  readonly name: string;
  /** It can be asked by everybody, and shows nothing then. */
  readonly always?: boolean;
  query(kind: string, seen: Seen): string;
  expected(seen: Seen, kind: string): Record<string, unknown>;
}

const alias = (id: string) => id;
const each = (field: (id: string) => string) => IDS.map((id) => `${alias(id)}: ${field(id)}`).join(' ');
const ofEach = (value: (id: string) => unknown) => Object.fromEntries(IDS.map((id) => [alias(id), value(id)]));
const ids = (rows: readonly Row[]) => rows.map(({ id }) => ({ id }));
const bySize = (rows: readonly Row[]) => rows.toSorted((a, b) => a.size - b.size);
const sum = (rows: readonly Row[]) => rows.reduce((total, { size }) => total + size, 0);
const inHub = ({ rows }: Seen, hub: string) => rows.filter((row) => row.hub === hub);
const hubIds = Object.keys(HUBS).sort();
const pointerIds = Object.keys(POINTERS).sort();
const behind = ({ rows }: Seen, pointer: string) => rows.find(({ id }) => id === POINTERS[pointer]) ?? null;
const sizeOf = (id: string) => ({ d1: 6, d2: 7, r1: 5, r2: 4, r3: 3, r4: 2, r5: 1 })[id] ?? 99;
const row = (kind: string) => namesOf(kind);
const hub = (kind: string) => namesOf(kind, 'Hub');
const pointer = (kind: string) => namesOf(kind, 'Pointer');

/** A path whose answer is one list of ids. */
function listed(
  name: string,
  of: (kind: string) => string,
  args: (kind: string, seen: Seen) => string,
  expected: (seen: Seen) => readonly string[],
): ReadPath {
  return {
    name,
    query: (kind, seen) => `{ list: ${of(kind)}${args(kind, seen)} { id } }`,
    expected: (seen) => ({ list: expected(seen).map((id) => ({ id })) }),
  };
}
const rowIds = (rows: readonly Row[]) => rows.map(({ id }) => id);
const rows = (kind: string) => row(kind).many;
const hubs = (kind: string) => hub(kind).many;
const pointers = (kind: string) => pointer(kind).many;
const hubsWhere = (name: string, where: string, holds: (inside: readonly Row[]) => boolean) =>
  listed(
    name,
    hubs,
    () => `(where: ${where})`,
    (seen) => hubIds.filter((id) => holds(inHub(seen, id))),
  );

export const READ_PATHS: readonly ReadPath[] = [
  {
    name: 'by key',
    query: (kind) => `{ ${each((id) => `${row(kind).one}(by: { id: "${id}" }) { id name }`)} }`,
    expected: (seen) =>
      ofEach((id) => {
        const found = seen.rows.find((one) => one.id === id);
        return found ? { id, name: found.name } : null;
      }),
  },
  {
    name: 'by another key',
    query: (kind) => `{ ${each((id) => `${row(kind).one}(by: { code: "c-${id}" }) { id }`)} }`,
    expected: (seen) => ofEach((id) => (seen.rows.some((one) => one.id === id) ? { id } : null)),
  },
  {
    name: 'node',
    always: true,
    query: (_, { nodeIds }) => `{ ${each((id) => `node(nodeId: "${nodeIds[id]}") { nodeId }`)} }`,
    expected: (seen) => ofEach((id) => (seen.rows.some((one) => one.id === id) ? { nodeId: seen.nodeIds[id] } : null)),
  },
  listed(
    'list',
    rows,
    () => '',
    (seen) => rowIds(seen.rows),
  ),
  listed(
    'list with deleted rows',
    rows,
    () => '(deleted: INCLUDE)',
    (seen) => rowIds([...seen.deleted, ...seen.rows]),
  ),
  listed(
    'list of deleted rows',
    rows,
    () => '(deleted: ONLY)',
    (seen) => rowIds(seen.deleted),
  ),
  listed(
    'order',
    rows,
    () => '(orderBy: [{ size: ASC }])',
    (seen) => rowIds(bySize(seen.rows)),
  ),
  listed(
    'page',
    rows,
    () => '(orderBy: [{ size: ASC }], first: 1, skip: 1)',
    (seen) => rowIds(bySize(seen.rows).slice(1, 2)),
  ),
  {
    name: 'filter',
    query: (kind) => `{ ${each((id) => `${rows(kind)}(where: { size: { eq: ${sizeOf(id)} } }) { id }`)} }`,
    expected: (seen) => ofEach((id) => ids(seen.rows.filter((one) => one.id === id))),
  },
  listed(
    'negated filter',
    rows,
    () => '(where: { NOT: { size: { gt: 3 } } })',
    (seen) => rowIds(seen.rows.filter(({ size }) => size <= 3)),
  ),
  {
    name: 'connection',
    query: (kind) =>
      `{ all: ${rows(kind)}Connection(orderBy: [{ size: DESC }]) { totalCount nodes { id } edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } }`,
    expected: (seen) => {
      const sorted = ids(bySize(seen.rows).reverse());
      const pageInfo = { hasNextPage: false, hasPreviousPage: false };
      return { all: { totalCount: sorted.length, nodes: sorted, edges: sorted.map((node) => ({ node })), pageInfo } };
    },
  },
  {
    // Exactly as long as what may be seen: that more is there shows in `hasNextPage` alone.
    name: 'end of a connection',
    query: (kind, seen) =>
      `{ all: ${rows(kind)}Connection(first: ${Math.max(1, seen.rows.length)}) { pageInfo { hasNextPage } } last: ${rows(kind)}Connection(last: ${Math.max(1, seen.rows.length)}) { pageInfo { hasPreviousPage } } }`,
    expected: () => ({ all: { pageInfo: { hasNextPage: false } }, last: { pageInfo: { hasPreviousPage: false } } }),
  },
  {
    name: 'after a cursor',
    query: (kind, { cursors }) =>
      `{ ${Object.entries(cursors)
        .map(
          ([id, cursor]) =>
            `${id}: ${rows(kind)}Connection(orderBy: [{ size: ASC }], after: "${cursor}") { nodes { id } pageInfo { hasPreviousPage } }`,
        )
        .join(' ')} }`,
    expected: (seen) =>
      Object.fromEntries(
        Object.keys(seen.cursors).map((id) => {
          const nodes = ids(bySize(seen.rows).filter(({ size }) => size > sizeOf(id)));
          const hasPreviousPage = seen.rows.some(({ size }) => size <= sizeOf(id));
          return [id, { nodes, pageInfo: { hasPreviousPage } }];
        }),
      ),
  },
  {
    name: 'cursors of an order through a relation',
    query: (kind) =>
      `{ all: ${pointers(kind)}Connection(orderBy: [{ row: { name: ASC_NULLS_FIRST } }]) { edges { cursor node { id } } } }`,
    expected: (seen) => {
      const name = (id: string) => behind(seen, id)?.name ?? '';
      const sorted = pointerIds.toSorted((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
      return { all: { edges: sorted.map((id) => ({ cursor: CURSOR, node: { id } })) } };
    },
  },
  {
    name: 'aggregate',
    query: (kind) => `{ all: ${rows(kind)}Aggregate { count sum { size } min { size name } max { size } } }`,
    expected: ({ rows: seen }) => {
      const sizes = seen.map(({ size }) => size);
      const names = seen.map(({ name }) => name).sort();
      const min = { size: seen.length ? Math.min(...sizes) : null, name: names[0] ?? null };
      const max = { size: seen.length ? Math.max(...sizes) : null };
      return { all: [{ count: seen.length, sum: { size: seen.length ? String(sum(seen)) : null }, min, max }] };
    },
  },
  {
    name: 'group',
    query: (kind) => `{ all: ${rows(kind)}Aggregate(groupBy: [HUB_ID]) { group { hubId } count sum { size } } }`,
    expected: ({ rows: seen }) => {
      const groups = [...hubIds, null].map((id) => [id, seen.filter((one) => one.hub === id)] as const);
      return {
        all: groups
          .filter(([, inside]) => inside.length > 0)
          .map(([hubId, inside]) => ({ group: { hubId }, count: inside.length, sum: { size: String(sum(inside)) } })),
      };
    },
  },
  {
    name: 'group with having',
    query: (kind) =>
      `{ all: ${rows(kind)}Aggregate(groupBy: [HUB_ID], having: { count: { gte: 2 } }) { group { hubId } } }`,
    expected: (seen) => ({
      all: hubIds.filter((id) => inHub(seen, id).length >= 2).map((hubId) => ({ group: { hubId } })),
    }),
  },
  {
    name: 'nested list',
    query: (kind) => `{ all: ${hubs(kind)} { id rows { id } } }`,
    expected: (seen) => ({ all: hubIds.map((id) => ({ id, rows: ids(inHub(seen, id)) })) }),
  },
  {
    name: 'nested connection and aggregate',
    query: (kind) =>
      `{ all: ${hubs(kind)} { rowsConnection { totalCount nodes { id } } rowsAggregate { count sum { size } } } }`,
    expected: (seen) => ({
      all: hubIds.map((id) => {
        const inside = inHub(seen, id);
        const size = inside.length ? String(sum(inside)) : null;
        const rowsConnection = { totalCount: inside.length, nodes: ids(inside) };
        return { rowsConnection, rowsAggregate: [{ count: inside.length, sum: { size } }] };
      }),
    }),
  },
  {
    name: 'nested row',
    query: (kind) => `{ all: ${pointers(kind)} { id row { id } } }`,
    expected: (seen) => ({
      all: pointerIds.map((id) => ({ id, row: behind(seen, id) && { id: behind(seen, id)?.id } })),
    }),
  },
  {
    name: 'nested through a table between',
    query: (kind) => `{ all: ${pointers(kind)} { many { id } manyAggregate { count } } }`,
    expected: (seen) => ({
      all: pointerIds.map((id) => {
        const inside = seen.rows.filter((one) => one.id === POINTERS[id]);
        return { many: ids(inside), manyAggregate: [{ count: inside.length }] };
      }),
    }),
  },
  {
    name: 'nested in nested',
    query: (kind) => `{ all: ${pointers(kind)} { row { hub { rows { id } } } } }`,
    expected: (seen) => ({
      all: pointerIds.map((id) => {
        const found = behind(seen, id);
        return { row: found && { hub: found.hub && { rows: ids(inHub(seen, found.hub)) } } };
      }),
    }),
  },
  {
    name: 'relation filter, one',
    query: (kind) => `{ ${each((id) => `${pointers(kind)}(where: { row: { size: { eq: ${sizeOf(id)} } } }) { id }`)} }`,
    expected: (seen) => ofEach((id) => (seen.rows.some((one) => one.id === id) ? [{ id: `p-${id}` }] : [])),
  },
  listed(
    'relation filter, not one',
    pointers,
    () => '(where: { NOT: { row: { size: { gte: 0 } } } })',
    (seen) => pointerIds.filter((id) => !behind(seen, id)),
  ),
  listed(
    'relation filter, many to many',
    pointers,
    () => '(where: { many: { some: { size: { gte: 0 } } } })',
    (seen) => pointerIds.filter((id) => behind(seen, id)),
  ),
  hubsWhere('relation filter, some', '{ rows: { some: { size: { gt: 4 } } } }', (inside) =>
    inside.some(({ size }) => size > 4),
  ),
  hubsWhere('relation filter, every', '{ rows: { every: { size: { gt: 3 } } } }', (inside) =>
    inside.every(({ size }) => size > 3),
  ),
  hubsWhere('relation filter, none', '{ rows: { none: { size: { lt: 4 } } } }', (inside) =>
    inside.every(({ size }) => size >= 4),
  ),
  hubsWhere('relation filter, count', '{ rows: { count: { eq: 2 } } }', (inside) => inside.length === 2),
  listed(
    'order through a relation',
    pointers,
    () => '(orderBy: [{ row: { size: ASC_NULLS_FIRST } }])',
    (seen) => {
      const size = (id: string) => behind(seen, id)?.size ?? 0;
      return pointerIds.toSorted((a, b) => size(a) - size(b));
    },
  ),
  listed(
    'order by a count',
    hubs,
    () => '(orderBy: [{ rows: { count: DESC } }])',
    (seen) => hubIds.toSorted((a, b) => inHub(seen, b).length - inHub(seen, a).length),
  ),
  {
    name: 'group through a filter of relations',
    query: (kind) => `{ all: ${pointers(kind)}Aggregate(where: { row: { open: { eq: true } } }) { count } }`,
    expected: (seen) => ({ all: [{ count: seen.rows.filter(({ open }) => open).length }] }),
  },
];
