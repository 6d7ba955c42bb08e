// Worlds of the differential test: random tables with relations and rules, and rows in them, all from one seed. Values are
// few, so that they meet; they are those at which implementations differ.

import { pluralOf, toSqlName } from '../../src/tables/names.ts';
import { makeWhere, toInput, type Where } from './differential-filters.ts';

/** Random choices that a seed decides (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `sides` - 1. */
  below(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides);
  }

  chance(probability: number): boolean {
    return this.below(1000) < probability * 1000;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** One at least, in any order. */
  some<T>(items: readonly T[], most: number): T[] {
    const left = [...items];
    const taken = 1 + this.below(Math.min(most, left.length));
    return Array.from({ length: taken }, () => left.splice(this.below(left.length), 1)).flat();
  }
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
  /** Of an enum, as declared. */
  readonly values?: readonly string[];
}

export interface Relation {
  readonly name: string;
  readonly target: Table;
  readonly many: boolean;
  /** All that it leads to, whoever may see them. */
  readonly rowsOf: (row: Row) => readonly Row[];
}

export interface Table {
  readonly name: string;
  readonly one: string;
  readonly many: string;
  readonly softDelete: boolean;
  readonly columns: Column[];
  readonly relations: Relation[];
  /** Of the rows that a client may read; null: all. */
  rule: Where | null;
  readonly rows: Row[];
  /** The fields of its relations, as SDL. */
  readonly fields: string[];
}

export interface World {
  readonly sdl: string;
  readonly tables: readonly Table[];
  /** The pairs of many-to-many relations. */
  readonly links: readonly Link[];
}

export interface Link {
  readonly owner: Table;
  readonly relation: string;
  readonly target: Table;
  readonly pairs: (readonly [owner: string, target: string])[];
}

/** A word of GraphQL where a text would be quoted. */
export class EnumValue {
  constructor(readonly name: string) {}
  toJSON(): string {
    return this.name;
  }
}

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  String: ['', 'a', 'B', 'ab%', 'a_', 'Ä', 'ä', '\u{1F95B}', '\uFFFD', 'a\\b"\'', '$1'],
  ID: ['alice', 'bob', '1', '10'],
  Int: [0, -1, 7, 2147483647],
  BigInt: ['0', '9223372036854775807', '-9223372036854775808', '9007199254740993'],
  Float: [0, -0, 0.25, -1.5, 1000000.75],
  Decimal: ['0', '12.50', '-0.001', '99999999999999999999999.99'],
  Boolean: [true, false],
  UUID: ['018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f', 'ffffffff-0000-4000-8000-000000000000'],
  DateTime: ['0001-01-01T00:00:00.000001Z', '2024-02-29T12:00:00.123456Z', '2024-02-29T12:00:00.123457Z'],
  Date: ['0001-01-01', '2024-02-29', '9999-12-31'],
  Time: ['00:00:00.000000', '09:30:00.000001', '23:59:59.999999'],
  Mood: ['SAD', 'HAPPY', 'select'],
  JSON: [1, 'a', true, [1, null], { a: { b: 'c' } }],
};

/** The values that columns of a type have. */
export const valuesOf = (type: string): readonly unknown[] => VALUES[type] ?? [];

const NAMES = ['Ant', 'Bee', 'Cat', 'Dog'];

export function makeWorld(dice: Dice): World {
  const tables = NAMES.slice(0, 2 + dice.below(3)).map((name) => makeTable(dice, name));
  const links: Link[] = [];
  const keys = new Map<Column, Table>();
  for (let at = 0; at <= tables.length; at++) {
    const [owner, target] = [dice.pick(tables), dice.pick(tables)];
    if (dice.chance(0.7)) keys.set(relate(owner, target, at), target);
    else links.push(link(owner, target, at));
  }
  for (const table of tables) {
    if (dice.chance(0.6)) table.rule = dice.chance(0.4) ? ownRows(table) : makeWhere(dice, table, 1, 1);
    const count = 3 + dice.below(8);
    for (let at = 0; at < count; at++) table.rows.push(makeRow(dice, table, at));
  }
  for (const table of tables) {
    for (const row of table.rows as Record<string, unknown>[]) {
      for (const column of table.columns) {
        const target = keys.get(column);
        if (target) row[column.name] = dice.chance(0.3) ? null : dice.pick(target.rows).id;
      }
    }
  }
  for (const { owner, target, pairs } of links) {
    for (const { id } of owner.rows) {
      for (const other of target.rows) if (dice.chance(0.3)) pairs.push([id, other.id]);
    }
  }
  return { sdl: ['enum Mood { SAD HAPPY select }', ...tables.map(toSdl)].join('\n'), tables, links };
}

function makeTable(dice: Dice, name: string): Table {
  const columns = Array.from({ length: 2 + dice.below(6) }, (_, at): Column => {
    const type = dice.pick(Object.keys(VALUES));
    const list = ['String', 'Int'].includes(type) && dice.chance(0.3);
    return { name: `c${at}`, type, list, ...(type === 'Mood' ? { values: ['SAD', 'HAPPY', 'select'] } : {}) };
  });
  const plural = pluralOf(name);
  return {
    name,
    one: name.toLowerCase(),
    many: plural.toLowerCase(),
    softDelete: dice.chance(0.5),
    columns: [{ name: 'owner', type: 'ID', list: false }, ...columns],
    relations: [],
    rule: null,
    rows: [],
    fields: [],
  };
}

/** A row of `target` for each of `owner`, and the other way round. The key's column is answered. */
function relate(owner: Table, target: Table, at: number): Column {
  const [name, back] = [`to${at}`, `from${at}`];
  const key: Column = { name: `${name}Id`, type: 'ID', list: false };
  owner.columns.push(key);
  owner.fields.push(`${name}: ${target.name} @belongsTo`);
  target.fields.push(`${back}: [${owner.name}!]! @has(field: "${name}")`);
  const found = (row: Row) => target.rows.filter(({ id }) => id === row[key.name]);
  owner.relations.push({ name, target, many: false, rowsOf: found });
  const pointing = ({ id }: Row) => owner.rows.filter((row) => row[key.name] === id);
  target.relations.push({ name: back, target: owner, many: true, rowsOf: pointing });
  return key;
}

function link(owner: Table, target: Table, at: number): Link {
  const [name, back] = [`with${at}`, `back${at}`];
  const pairs: Link['pairs'] = [];
  owner.fields.push(`${name}: [${target.name}!]! @manyToMany`);
  const linked = ({ id }: Row) => target.rows.filter((row) => pairs.some(([a, b]) => a === id && b === row.id));
  owner.relations.push({ name, target, many: true, rowsOf: linked });
  // Within one table the relation has one side.
  if (owner !== target) {
    target.fields.push(`${back}: [${owner.name}!]! @manyToMany(field: "${name}")`);
    const linking = ({ id }: Row) => owner.rows.filter((row) => pairs.some(([a, b]) => b === id && a === row.id));
    target.relations.push({ name: back, target: owner, many: true, rowsOf: linking });
  }
  return { owner, relation: name, target, pairs };
}

function ownRows({ columns }: Table): Where {
  const column = columns.find(({ name }) => name === 'owner') as Column;
  return { kind: 'column', column, operators: [['eq', '$user.id']] };
}

function makeRow(dice: Dice, table: Table, at: number): Row {
  const values = table.columns.map(({ name, type, list }) => {
    const value = list
      ? Array.from({ length: dice.below(4) }, () => dice.pick(valuesOf(type)))
      : dice.pick(valuesOf(type));
    return [name, dice.chance(0.25) ? null : value];
  });
  const deleted = table.softDelete ? { deleted: dice.chance(0.25) } : {};
  return { ...Object.fromEntries(values), ...deleted, id: `${table.one}${at}` };
}

function toSdl({ name, softDelete, columns, fields, rule }: Table): string {
  const own = columns.filter((column) => !/^to\d+Id$/.test(column.name));
  const lines = own.map((column) => `${column.name}: ${column.list ? `[${column.type}!]` : column.type}`);
  const rows = rule ? `, rows: ${written(toInput(rule))}` : '';
  return `type ${name} @table(softDelete: ${softDelete}) @permission(on: [READ], level: PUBLIC${rows}) {\n  ${[...lines, ...fields].join('\n  ')}\n}`;
}

/** A value as GraphQL writes it. */
export function written(value: unknown): string {
  if (value instanceof EnumValue) return value.name;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${written(member)}`);
  return `{ ${members.join(', ')} }`;
}

/** The rows of a table under the names of the database. */
export function toStored({ rows, columns, softDelete }: Table): { names: readonly string[]; rows: readonly object[] } {
  const names = ['id', ...columns.map(({ name }) => name), ...(softDelete ? ['deleted'] : [])];
  const stored = rows.map((row) =>
    Object.fromEntries(names.map((name) => [toSqlName(name), Object.is(row[name], -0) ? '-0' : row[name]])),
  );
  return { names: names.map(toSqlName), rows: stored };
}
