// The ways in which rows come to be tied to others: by their keys, by connecting them, and as new ones inside others. Hubs and
// pointers are everybody's; only the rows have rules.

import { foreign, input, mine, type WritePath } from './row-writes.ts';
import type { Simulation } from './simulation.ts';
import { namesOf, type Row, type Who } from './world.ts';

const pointer = (kind: string) => namesOf(kind, 'Pointer');
const hub = (kind: string) => namesOf(kind, 'Hub');
const pointerId = (item: string) => `q-${item}`;
const told = (id: string) => ({ id });

/** A new pointer at a row that is there. */
function pointing(name: string, needs: WritePath['needs'], data: (id: string) => string): WritePath {
  return {
    name,
    needs,
    field: (kind, id) => `insert${pointer(kind).type}(data: { id: "${pointerId(id)}", ${data(id)} }) { id }`,
    step: (simulation, id) => {
      simulation.point(pointerId(id), simulation.tie(id).id);
      return told(pointerId(id));
    },
  };
}

/** The pointer that points at nothing comes to point at a row. */
function pointed(name: string, field: (kind: string, id: string) => string, answer: unknown): WritePath {
  return {
    name,
    needs: [],
    field,
    step: (simulation, id) => {
      simulation.point('p', simulation.tie(id).id);
      return answer;
    },
  };
}

const connections: WritePath[] = [
  pointing('connect by column', [], (id) => `rowId: "${id}"`),
  pointing('connect by key', ['READ'], (id) => `row: { connect: { id: "${id}" } }`),
  pointing('connect by another key', ['READ'], (id) => `row: { connect: { code: "c-${id}" } }`),
  {
    name: 'connect through a table between',
    needs: ['READ'],
    field: (kind, id) =>
      `insert${pointer(kind).type}(data: { id: "${pointerId(id)}", many: { connect: [{ id: "${id}" }] } }) { id many { id } }`,
    step: (simulation, id) => {
      simulation.point(pointerId(id), null);
      simulation.pair(pointerId(id), simulation.tie(id).id);
      return { id: pointerId(id), many: [{ id }] };
    },
  },
  {
    name: 'connect, read back',
    needs: ['READ'],
    field: (kind, id) =>
      `insert${pointer(kind).type}(data: { id: "${pointerId(id)}", rowId: "${id}" }) { id row { id } }`,
    step: (simulation, id) => {
      simulation.point(pointerId(id), simulation.tie(id).id);
      return { id: pointerId(id), row: { id } };
    },
  },
  pointed(
    'connect by an update',
    (kind, id) => `update${pointer(kind).type}(by: { id: "p" }, set: { rowId: "${id}" }) { id }`,
    told('p'),
  ),
  pointed(
    'connect by a bulk update',
    (kind, id) =>
      `update${pointer(kind).Many}(where: { id: { eq: "p" } }, limit: 9, set: { rowId: "${id}" }) { count nodes { id } }`,
    { count: 1, nodes: [told('p')] },
  ),
  pointed(
    'connect by an upsert, updating',
    (kind, id) =>
      `upsert${pointer(kind).type}(by: { id: "p" }, insert: {}, update: { rowId: "${id}" }) { inserted node { id } }`,
    { inserted: false, node: told('p') },
  ),
  {
    name: 'connect by an upsert, inserting',
    needs: [],
    field: (kind, id) =>
      `upsert${pointer(kind).type}(by: { id: "${pointerId(id)}" }, insert: { rowId: "${id}" }) { inserted node { id } }`,
    step: (simulation, id) => {
      simulation.point(pointerId(id), simulation.tie(id).id);
      return { inserted: true, node: told(pointerId(id)) };
    },
  },
  {
    name: 'connect by a bulk insert',
    needs: [],
    field: (kind, id) =>
      `insert${pointer(kind).Many}(data: [{ id: "${pointerId(id)}1" }, { id: "${pointerId(id)}2", rowId: "${id}" }]) { count nodes { id } }`,
    step: (simulation, id) => {
      simulation.point(`${pointerId(id)}1`, null);
      simulation.point(`${pointerId(id)}2`, simulation.tie(id).id);
      return { count: 2, nodes: [told(`${pointerId(id)}1`), told(`${pointerId(id)}2`)] };
    },
  },
  {
    name: 'connect by a bulk insert of each',
    needs: [],
    field: (kind, id) =>
      `insert${pointer(kind).Many}(data: [{ id: "${pointerId(id)}1" }, { id: "${pointerId(id)}2", rowId: "${id}" }], mode: EACH) { count errors { index code } }`,
    step: (simulation, id) => {
      simulation.point(`${pointerId(id)}1`, null);
      const { code } = simulation.attempt(() => simulation.point(`${pointerId(id)}2`, simulation.tie(id).id));
      return code ? { count: 1, errors: [{ index: 1, code }] } : { count: 2, errors: [] };
    },
  },
  {
    name: 'connect the other way round',
    needs: ['READ', 'UPDATE'],
    field: (kind, id, { user }) =>
      `insert${hub(kind).type}(data: { id: "g-${id}", ownerId: ${JSON.stringify(user)}, rows: { connect: [{ id: "${id}" }] } }) { id rows { id } rowsAggregate { count } }`,
    step: (simulation, id) => {
      simulation.open(`g-${id}`, simulation.who.user);
      return hubAnswer(simulation, `g-${id}`, [simulation.adopt(id, `g-${id}`)]);
    },
  },
  {
    name: 'connect the other way round, taking',
    needs: ['READ', 'UPDATE'],
    field: (kind, id) =>
      `insert${hub(kind).type}(data: { id: "g-${id}", rows: { connect: [{ id: "${id}" }] } }) { id }`,
    step: (simulation, id) => {
      simulation.open(`g-${id}`, null);
      simulation.adopt(id, `g-${id}`);
      return told(`g-${id}`);
    },
  },
];

function hubAnswer(simulation: Simulation, id: string, rows: readonly Row[]): unknown {
  const seen = rows.filter((row) => simulation.visible(row));
  return { id, rows: seen.map((row) => ({ id: row.id })), rowsAggregate: [{ count: seen.length }] };
}

/** Every one is written as the caller's own, and as another's. */
const VALUES: Readonly<Record<string, (who: Who, id: string) => Row>> = { mine, foreign };
const both = { needs: ['INSERT'], items: Object.keys(VALUES) } as const;
const valuesOf = (item: string, who: Who) => (VALUES[item] ?? mine)(who, `n-${item}`);
const behindOf = (simulation: Simulation, row: Row) => (simulation.visible(row) ? { id: row.id } : null);

const nested: WritePath[] = [
  {
    name: 'nested insert',
    ...both,
    field: (kind, item, who) =>
      `insert${pointer(kind).type}(data: { id: "${pointerId(item)}", row: { insert: ${input(valuesOf(item, who))} } }) { id }`,
    step: (simulation, item) => {
      simulation.point(pointerId(item), simulation.insert(valuesOf(item, simulation.who)).id);
      return told(pointerId(item));
    },
  },
  {
    name: 'nested insert, read back',
    ...both,
    needs: ['INSERT', 'READ'],
    field: (kind, item, who) =>
      `insert${pointer(kind).type}(data: { id: "${pointerId(item)}", row: { insert: ${input(valuesOf(item, who))} } }) { id row { id } }`,
    step: (simulation, item) => {
      const row = simulation.insert(valuesOf(item, simulation.who));
      simulation.point(pointerId(item), row.id);
      return { id: pointerId(item), row: behindOf(simulation, row) };
    },
  },
  {
    name: 'nested insert in each of a bulk',
    ...both,
    field: (kind, item, who) =>
      `insert${pointer(kind).Many}(data: [{ id: "${pointerId(item)}", row: { insert: ${input(valuesOf(item, who))} } }], mode: EACH) { count errors { index code } }`,
    step: (simulation, item) => {
      const { code } = simulation.attempt(() =>
        simulation.point(pointerId(item), simulation.insert(valuesOf(item, simulation.who)).id),
      );
      return code ? { count: 0, errors: [{ index: 0, code }] } : { count: 1, errors: [] };
    },
  },
  {
    name: 'nested insert the other way round',
    ...both,
    field: (kind, item, who) =>
      `insert${hub(kind).type}(data: { id: "g-${item}", ownerId: ${JSON.stringify(who.user)}, rows: { insert: [${input(valuesOf(item, who), 'hub')}] } }) { id }`,
    step: (simulation, item) => {
      simulation.open(`g-${item}`, simulation.who.user);
      simulation.insert({ ...valuesOf(item, simulation.who), hub: `g-${item}` });
      return told(`g-${item}`);
    },
  },
  {
    name: 'nested insert the other way round, read back',
    ...both,
    needs: ['INSERT', 'READ'],
    field: (kind, item, who) =>
      `insert${hub(kind).type}(data: { id: "g-${item}", rows: { insert: [${input(valuesOf(item, who), 'hub')}] } }) { id rows { id } rowsAggregate { count } }`,
    step: (simulation, item) => {
      simulation.open(`g-${item}`, null);
      const row = simulation.insert({ ...valuesOf(item, simulation.who), hub: `g-${item}` });
      return hubAnswer(simulation, `g-${item}`, [row]);
    },
  },
  {
    name: 'nested insert through a table between',
    ...both,
    field: (kind, item, who) =>
      `insert${pointer(kind).type}(data: { id: "${pointerId(item)}", many: { insert: [${input(valuesOf(item, who))}] } }) { id }`,
    step: (simulation, item) => {
      simulation.point(pointerId(item), null);
      simulation.pair(pointerId(item), simulation.insert(valuesOf(item, simulation.who)).id);
      return told(pointerId(item));
    },
  },
  {
    name: 'nested insert in a nested insert',
    ...both,
    field: (kind, item, who) => {
      const row = input(valuesOf(item, who), 'hub').replace(
        / }$/,
        `, hub: { insert: { id: "g-${item}", ownerId: ${JSON.stringify(who.user)} } } }`,
      );
      return `insert${pointer(kind).type}(data: { id: "${pointerId(item)}", row: { insert: ${row} } }) { id }`;
    },
    step: (simulation, item) => {
      simulation.open(`g-${item}`, simulation.who.user);
      const row = simulation.insert({ ...valuesOf(item, simulation.who), hub: `g-${item}` });
      simulation.point(pointerId(item), row.id);
      return told(pointerId(item));
    },
  },
];

export const TIED_WRITES: readonly WritePath[] = [...connections, ...nested];
