// Rows for the property tests of filters: made up, written to real tables, read back in the API's forms, and related to
// each other in memory.

import fc from 'fast-check';
import type pg from 'pg';
import { compileColumn } from '../../src/stores/postgres/compile/column-json.ts';
import { encodeParameter } from '../../src/stores/postgres/encode-parameter.ts';
import { columnRef, Parameters, quoteName, quoteText, tableName } from '../../src/stores/postgres/sql-text.ts';
import type { Model, TableModel } from '../../src/tables/model.ts';
import { columnOf, tableOf } from '../../src/tables/model.ts';
import type { RelatedRow, Row } from '../../src/tables/prepare-filter.ts';
import { anyInnerValueOf } from './filter-tables.ts';

export type Rows = Readonly<Record<string, readonly Row[]>>;

/** How many rows of each table. Order matters: a table comes after those that it points at. */
const COUNTS: Readonly<Record<string, number>> = { Thing: 100, Detail: 60, Tag: 12, Tagging: 150 };

/** Rows of all tables, with nulls, empty lists, deleted rows, and keys that lead somewhere or nowhere. */
export function anyRows(model: Model): fc.Arbitrary<Rows> {
  const tables = Object.entries(COUNTS).map(([name, count]) => {
    const row = anyRow(tableOf(model, name));
    const rows = fc.array(row, { minLength: count, maxLength: count });
    return [name, rows.map((made) => unique(made.map((one, at) => ({ ...one, id: `${name}${at}` }))))] as const;
  });
  return fc.record(Object.fromEntries(tables));
}

/** A row has at most one detail. */
function unique(rows: readonly Row[]): Row[] {
  const details = rows.filter(({ id }) => String(id).startsWith('Detail'));
  return rows.map((row, at) =>
    details.findIndex((other) => other['thingId'] === row['thingId']) < at && details.length > 0
      ? { ...row, thingId: null }
      : row,
  );
}

function anyRow(table: TableModel): fc.Arbitrary<Row> {
  const members = [...table.columns.values()]
    .filter((column) => !column.system || column.name === 'deleted')
    .filter(({ name }) => name !== 'id')
    .map((column) => {
      const target = column.relation === null ? null : table.relations.get(column.relation)?.target;
      const count = COUNTS[target ?? ''] ?? 0;
      const key = fc.nat(Math.floor(count / 2)).map((at) => `${target}${at}`);
      const item = target ? key : anyInnerValueOf(column.type);
      const value = column.list ? fc.array(item, { maxLength: 3 }) : item;
      return [column.name, column.required ? value : fc.option(value, { freq: 4 })] as const;
    });
  return fc.record(Object.fromEntries(members)).map((row) => ({ ...row }));
}

/** Puts exactly these rows into the tables, and answers them as the API would. */
export async function fill(client: pg.PoolClient | pg.Pool, model: Model, rows: Rows): Promise<Rows> {
  const names = Object.keys(COUNTS);
  await client.query(`TRUNCATE ${[...names.map((name) => tableName(tableOf(model, name))), 'thing_plain'].join(', ')}`);
  for (const name of names) await insert(client, tableOf(model, name), rows[name] ?? []);
  // The plain link has no table of the model: each thing with a tag of its number.
  await client.query(
    `INSERT INTO thing_plain SELECT t.id, g.id FROM thing t JOIN tag g ON substr(t.id, 6)::int % 7 = substr(g.id, 4)::int`,
  );
  // Only SQL can write JSON's null into a column; it reads as none.
  await client.query(`UPDATE thing SET j = 'null' WHERE j IS NULL AND id LIKE '%7'`);
  const read = await Promise.all(
    names.map(async (name) => [name, await readBack(client, tableOf(model, name))] as const),
  );
  return Object.fromEntries(read);
}

async function insert(client: pg.PoolClient | pg.Pool, table: TableModel, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0] ?? {}).map((name) => columnOf(table, name));
  const to = new Parameters();
  const lines = rows.map((row) =>
    columns.map(({ name, type, list }) => to.add({ source: { from: 'constant', value: row[name] }, type, list })),
  );
  const values = to.slots.map((slot) =>
    encodeParameter(slot, slot.source.from === 'constant' ? slot.source.value : null),
  );
  const text = lines.map((line) => `(${line.join(', ')})`).join(', ');
  await client.query(
    `INSERT INTO ${tableName(table)} (${columns.map(({ sqlName }) => quoteName(sqlName)).join(', ')}) VALUES ${text}`,
    values,
  );
}

async function readBack(client: pg.PoolClient | pg.Pool, table: TableModel): Promise<Row[]> {
  const members = [...table.columns.values()].map(
    (column) => `${quoteText(column.name)}, ${compileColumn(column, 't')}`,
  );
  const object = `json_build_object(${members.slice(0, 25).join(', ')})::jsonb || json_build_object(${members.slice(25).join(', ')})::jsonb`;
  const { rows } = await client.query<{ row: string }>(
    `SELECT (${object})::text AS row FROM ${tableName(table)} t ORDER BY ${columnRef('t', columnOf(table, 'id'))}`,
  );
  return rows.map(({ row }) => JSON.parse(row) as Row);
}

/** What relations lead to, as loops over rows would find it. */
export function relatedIn(rows: Rows) {
  const known = new Map<string, readonly RelatedRow[]>();
  return (table: TableModel, row: Row, relation: string): readonly RelatedRow[] => {
    const key = `${table.name} ${String(row['id'])} ${relation}`;
    const found = known.get(key) ?? find(rows, table.name, row, relation);
    known.set(key, found);
    return found;
  };
}

function find(rows: Rows, table: string, row: Row, relation: string): readonly RelatedRow[] {
  const those = (name: string, column: string, value: unknown) =>
    (rows[name] ?? [])
      .filter((other) => value !== null && other[column] === value)
      .map((other) => ({ row: other, links: [] }));
  switch (`${table}.${relation}`) {
    case 'Thing.parent':
    case 'Detail.thing':
    case 'Tagging.thing':
      return those('Thing', 'id', row[`${relation}Id`]);
    case 'Tagging.tag':
      return those('Tag', 'id', row['tagId']);
    case 'Thing.children':
      return those('Thing', 'parentId', row['id']);
    case 'Thing.detail':
      return those('Detail', 'thingId', row['id']);
    case 'Thing.plain':
      return those('Tag', 'id', `Tag${Number(String(row['id']).slice(5)) % 7}`);
    case 'Thing.tags': {
      const links = (rows['Tagging'] ?? []).filter(({ thingId }) => thingId === row['id']);
      return (rows['Tag'] ?? [])
        .map((tag) => ({ row: tag, links: links.filter(({ tagId }) => tagId === tag['id']) }))
        .filter(({ links: own }) => own.length > 0);
    }
    default:
      throw new Error(`no relation ${table}.${relation}`);
  }
}
