// The ways in which rows are written, by key, by filter, and as new ones, each with what it does in the simulation.

import { type Change, Refused, type Simulation } from './simulation.ts';
import { IDS, namesOf, type Operation, type Row, type Who } from './world.ts';

/** A mutation field for each item, all in one document. */
export interface WritePath {
  readonly name: string;
  /** Without one of them the operation is not the caller's. */
  readonly needs: readonly Operation[];
  /** Each is the alias of a field; the ids of rows unless told. */
  readonly items?: readonly string[];
  field(kind: string, item: string, who: Who): string;
  step(simulation: Simulation, item: string): unknown;
}

/** Values that suit the caller's rules wherever values can. */
export function mine({ user, team }: Who, id: string): Row {
  const hub = user === 'alice' ? 'h1' : user === 'bob' ? 'h2' : 'h3';
  return { id, name: `new-${id}`, owner: user ?? 'nobody', team, open: true, size: 9, hub, deleted: false };
}

/** Values that suit none of them but those about other people's rows. */
export function foreign(_: Who, id: string): Row {
  return { id, name: `new-${id}`, owner: 'mallory', team: 'green', open: false, size: 9, hub: null, deleted: false };
}

const FIELDS = { id: 'id', name: 'name', owner: 'ownerId', team: 'team', open: 'open', size: 'size', hub: 'hubId' };

/** Values as an input. */
export function input(values: Partial<Row>, ...without: (keyof Row)[]): string {
  const given = Object.entries(FIELDS).filter(([name]) => name in values && !without.includes(name as keyof Row));
  return `{ ${given.map(([name, field]) => `${field}: ${JSON.stringify(values[name as keyof Row])}`).join(', ')} }`;
}

const HARMLESS: Change = { name: 'changed' };
/** Takes a row out of every rule but those about other people's rows. */
const TAKING: Change = { owner: 'mallory', team: 'green', open: false, hub: null };

const BATCH = '{ count nodes { id } }';
const withHub = (row: Row) => ({ id: row.id, hub: row.hub && { id: row.hub } });
const newId = (item: string) => `n-${item}`;
const field = (kind: string, operation: string) => `${operation}${namesOf(kind).type}`;
const many = (kind: string, operation: string) => `${operation}${namesOf(kind).Many}`;

const updates = (['harmless', 'taking'] as const).flatMap((name): WritePath[] => {
  const change = name === 'harmless' ? HARMLESS : TAKING;
  const set = `set: ${input(change)}`;
  return [
    {
      name: `update by key, ${name}`,
      needs: ['UPDATE'],
      field: (kind, id) => `${field(kind, 'update')}(by: { id: "${id}" }, ${set}) { id }`,
      step: (simulation, id) => simulation.answer(simulation.update(id, change)),
    },
    {
      name: `update by another key, ${name}`,
      needs: ['UPDATE'],
      field: (kind, id) => `${field(kind, 'update')}(by: { code: "c-${id}" }, ${set}) { id }`,
      step: (simulation, id) => simulation.answer(simulation.update(id, change)),
    },
    {
      name: `update by key, read back, ${name}`,
      needs: ['UPDATE', 'READ'],
      field: (kind, id) => `${field(kind, 'update')}(by: { id: "${id}" }, ${set}) { id hub { id } }`,
      step: (simulation, id) => simulation.answer(simulation.update(id, change), withHub),
    },
    {
      name: `bulk update of one, ${name}`,
      needs: ['UPDATE', 'READ'],
      field: (kind, id) => `${many(kind, 'update')}(where: { code: { eq: "c-${id}" } }, limit: 9, ${set}) ${BATCH}`,
      step: (simulation, id) => simulation.batch(simulation.updateMany(simulation.among('UPDATE', [id]), change)),
    },
    {
      name: `bulk update of all, ${name}`,
      needs: ['UPDATE', 'READ'],
      items: ['all'],
      field: (kind) => `${many(kind, 'update')}(where: { size: { gte: 0 } }, ${set}) ${BATCH}`,
      step: (simulation) => simulation.batch(simulation.updateMany(simulation.among('UPDATE'), change)),
    },
    {
      name: `bulk update of some, ${name}`,
      needs: ['UPDATE', 'READ'],
      items: ['first'],
      field: (kind) => `${many(kind, 'update')}(where: { size: { gte: 0 } }, limit: 2, ${set}) ${BATCH}`,
      step: (simulation) => simulation.batch(simulation.updateMany(simulation.among('UPDATE').slice(0, 2), change)),
    },
  ];
});

/** Updates that fail for what they say: of a row that is not the caller's to change nobody learns even that. */
const failing: WritePath[] = [
  {
    name: 'update to a key that is taken',
    needs: ['UPDATE'],
    items: IDS.filter((id) => id !== 'r1'),
    field: (kind, id) => `${field(kind, 'update')}(by: { id: "${id}" }, set: { code: "c-r1" }) { id }`,
    step: (simulation, id) => {
      simulation.update(id, {});
      throw new Refused('CONSTRAINT_VIOLATION');
    },
  },
  {
    name: 'update to a hub that is not there',
    needs: ['UPDATE'],
    field: (kind, id) => `${field(kind, 'update')}(by: { id: "${id}" }, set: { hubId: "none" }) { id }`,
    step: (simulation, id) => {
      const row = simulation.living(id);
      throw new Refused(row && simulation.rules.may('UPDATE', row) ? 'CONSTRAINT_VIOLATION' : 'NOT_FOUND');
    },
  },
  {
    name: 'update of an old version',
    needs: ['UPDATE'],
    field: (kind, id) =>
      `${field(kind, 'update')}(by: { id: "${id}" }, ifVersion: "1", set: ${input(HARMLESS)}) { id }`,
    step: (simulation, id) => {
      const row = simulation.living(id);
      throw new Refused(row && simulation.rules.may('UPDATE', row) ? 'CONFLICT' : 'NOT_FOUND');
    },
  },
  {
    name: 'delete of an old version',
    needs: ['DELETE'],
    field: (kind, id) => `${field(kind, 'delete')}(by: { id: "${id}" }, ifVersion: "1") { id }`,
    step: (simulation, id) => {
      const row = simulation.living(id);
      throw new Refused(row && simulation.rules.may('DELETE', row) ? 'CONFLICT' : 'NOT_FOUND');
    },
  },
];

const upserts = ([mine, foreign] as const).flatMap((values): WritePath[] => {
  const told = ({ row, inserted }: { row: Row; inserted: boolean }, simulation: Simulation) => ({
    inserted,
    node: simulation.answer(row),
  });
  const taken = (simulation: Simulation, id: string) => (simulation.state.rows[id] !== undefined ? 'CONFLICT' : null);
  const answer = '{ inserted node { id } }';
  return [
    {
      name: `upsert by key, ${values.name}`,
      needs: ['UPDATE', 'INSERT'],
      field: (kind, id, who) =>
        `${field(kind, 'upsert')}(by: { id: "${id}" }, insert: ${input(values(who, id))}, update: ${input(HARMLESS)}) ${answer}`,
      step: (simulation, id) =>
        told(simulation.upsert(id, HARMLESS, values(simulation.who, id), taken(simulation, id)), simulation),
    },
    {
      name: `upsert by another key, ${values.name}`,
      needs: ['UPDATE', 'INSERT'],
      field: (kind, id, who) =>
        `${field(kind, 'upsert')}(by: { code: "c-${id}" }, insert: ${input(values(who, newId(id)))}, update: ${input(TAKING)}) ${answer}`,
      // Unique is unique among the living.
      step: (simulation, id) => {
        const fresh = values(simulation.who, newId(id));
        return told(simulation.upsert(id, TAKING, fresh, simulation.living(id) && 'CONSTRAINT_VIOLATION'), simulation);
      },
    },
    {
      name: `upsert without changes of its own, ${values.name}`,
      needs: ['UPDATE', 'INSERT'],
      field: (kind, id, who) =>
        `${field(kind, 'upsert')}(by: { id: "${id}" }, insert: ${input(values(who, id), 'id')}) ${answer}`,
      step: (simulation, id) => {
        const { deleted, id: _, ...change } = values(simulation.who, id);
        const upserted = simulation.upsert(id, change, values(simulation.who, id), taken(simulation, id));
        return told(upserted, simulation);
      },
    },
  ];
});

const inserts = ([mine, foreign] as const).flatMap((values): WritePath[] => [
  {
    name: `insert, ${values.name}`,
    needs: ['INSERT'],
    items: [...IDS, 'x', 'y'],
    // Ids that are taken, and others: that one is taken is told, and nothing of the row that has it.
    field: (kind, id, who) => `${field(kind, 'insert')}(data: ${input(values(who, id))}) { id }`,
    step: (simulation, id) => simulation.answer(simulation.insert(values(simulation.who, id))),
  },
  {
    name: `insert, read back, ${values.name}`,
    needs: ['INSERT', 'READ'],
    items: ['x', 'y'],
    field: (kind, id, who) => `${field(kind, 'insert')}(data: ${input(values(who, id))}) { id hub { id } }`,
    step: (simulation, id) => simulation.answer(simulation.insert(values(simulation.who, id)), withHub),
  },
]);

const pairOf = (who: Who, item: string) => [mine(who, `${item}1`), foreign(who, `${item}2`)];
const bulkInserts: WritePath[] = [
  {
    name: 'bulk insert of all or none',
    needs: ['INSERT'],
    items: ['x'],
    field: (kind, item, who) =>
      `${many(kind, 'insert')}(data: [${pairOf(who, item).map((one) => input(one))}]) ${BATCH}`,
    step: (simulation, item) =>
      simulation.batch(pairOf(simulation.who, item).map((values) => simulation.insert(values))),
  },
  {
    name: 'bulk insert of each',
    needs: ['INSERT'],
    items: ['x'],
    field: (kind, item, who) =>
      `${many(kind, 'insert')}(data: [${pairOf(who, item).map((one) => input(one))}], mode: EACH) { count nodes { id } errors { index code } }`,
    step: (simulation, item) => {
      const results = pairOf(simulation.who, item).map((values, index) => {
        const { data, code } = simulation.attempt(() => simulation.insert(values));
        return { row: data as Row | null, error: code === null ? null : { index, code } };
      });
      const errors = results.flatMap(({ error }) => error ?? []);
      return simulation.batch(
        results.flatMap(({ row }) => row ?? []),
        { errors },
      );
    },
  },
];

const deletes: WritePath[] = [
  {
    name: 'delete by key',
    needs: ['DELETE'],
    field: (kind, id) => `${field(kind, 'delete')}(by: { id: "${id}" }) { id }`,
    step: (simulation, id) => simulation.answer(simulation.deleteOne(id)),
  },
  {
    name: 'delete by another key, read back',
    needs: ['DELETE', 'READ'],
    field: (kind, id) => `${field(kind, 'delete')}(by: { code: "c-${id}" }) { id hub { id } }`,
    step: (simulation, id) => simulation.answer(simulation.deleteOne(id), withHub),
  },
  {
    name: 'bulk delete of one',
    needs: ['DELETE', 'READ'],
    field: (kind, id) => `${many(kind, 'delete')}(where: { code: { eq: "c-${id}" } }, limit: 9) ${BATCH}`,
    step: (simulation, id) => simulation.batch(simulation.among('DELETE', [id]).map((row) => simulation.delete(row))),
  },
  {
    name: 'bulk delete of all',
    needs: ['DELETE', 'READ'],
    items: ['all'],
    field: (kind) => `${many(kind, 'delete')}(where: { size: { gte: 0 } }) ${BATCH}`,
    step: (simulation) => simulation.batch(simulation.among('DELETE').map((row) => simulation.delete(row))),
  },
  {
    name: 'undelete',
    needs: ['UNDELETE'],
    field: (kind, id) => `${field(kind, 'undelete')}(by: { id: "${id}" }) { id }`,
    step: (simulation, id) => simulation.answer(simulation.undelete(id)),
  },
  {
    name: 'undelete, read back',
    needs: ['UNDELETE', 'READ'],
    field: (kind, id) => `${field(kind, 'undelete')}(by: { id: "${id}" }) { id hub { id } }`,
    step: (simulation, id) => simulation.answer(simulation.undelete(id), withHub),
  },
];

export const ROW_WRITES: readonly WritePath[] = [
  ...updates,
  ...failing,
  ...upserts,
  ...inserts,
  ...bulkInserts,
  ...deletes,
];
