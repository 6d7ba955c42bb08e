// What holds rows together and makes them found: checks, foreign keys, uniques among the living, indexes. They stand in the
// database too, so that writes from outside keep them. Each carries the statement that made it as its comment, so that one
// which the schema says otherwise now is known and made again.

import { type Column, columnOf, type Relation, type TableModel } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
import { MADE_BY, type ObjectState } from './database-state.ts';
import { APP_SCHEMA, quoteName, quoteText, tableName } from './sql-text.ts';

/** One of them. `meaning` is what it makes of the table, for people: "Item (email) unique". */
export interface TableObject extends ObjectState {
  readonly name: string;
  readonly meaning: string;
}

/** All that a table of the model has. */
export function tableObjects(table: TableModel, targetOf: (name: string) => TableModel): TableObject[] {
  const living = table.softDelete ? ' WHERE "deleted" = FALSE' : '';
  return [
    ...[...table.columns.values()].flatMap((column) => check(table, column)),
    ...[...table.relations.values()]
      .filter(({ kind }) => kind === 'belongsTo')
      .map((relation) => foreignKey(table, relation, targetOf(relation.target))),
    ...table.keys
      .slice(1)
      .map(({ columns }) => index(table, columns, 'key', `${named(table, columns)} unique`, `UNIQUE INDEX`, living)),
    ...table.indexes.map(({ columns }) =>
      index(table, columns, 'idx', `${named(table, columns)} indexed`, 'INDEX', ''),
    ),
  ];
}

/** The statements that make it, and say on it how it was made. */
export function createObject(table: TableModel, { kind, name, create }: TableObject): string[] {
  const place =
    kind === 'constraint'
      ? `CONSTRAINT ${quoteName(name)} ON ${tableName(table)}`
      : `INDEX ${quoteName(APP_SCHEMA)}.${quoteName(name)}`;
  return [create, `COMMENT ON ${place} IS ${quoteText(MADE_BY + create)}`];
}

/** The statement that removes it. */
export function dropObject(table: TableModel, name: string, { kind }: ObjectState): string {
  return kind === 'constraint'
    ? `ALTER TABLE ${tableName(table)} DROP CONSTRAINT ${quoteName(name)}`
    : `DROP INDEX ${quoteName(APP_SCHEMA)}.${quoteName(name)}`;
}

const named = (table: TableModel, columns: readonly string[]) => `${table.name} (${columns.join(', ')})`;

function index(
  table: TableModel,
  columns: readonly string[],
  suffix: 'key' | 'idx',
  meaning: string,
  what: string,
  where: string,
): TableObject {
  const names = columns.map((name) => columnOf(table, name).sqlName);
  const name = sqlObjectName([table.sqlName, ...names], suffix);
  const create = `CREATE ${what} ${quoteName(name)} ON ${tableName(table)} (${names.map(quoteName).join(', ')})${where}`;
  return { kind: 'index', name, meaning, create };
}

const ON_DELETE = { RESTRICT: 'RESTRICT', CASCADE: 'CASCADE', SET_NULL: 'SET NULL' } as const;

function foreignKey(table: TableModel, relation: Relation, target: TableModel): TableObject {
  const column = columnOf(table, relation.column).sqlName;
  const rule = `FOREIGN KEY (${quoteName(column)}) REFERENCES ${tableName(target)} ("id") ON DELETE ${ON_DELETE[relation.onDelete]}`;
  return constraint(table, column, 'fkey', `${table.name}.${relation.name} a key of ${target.name}`, rule);
}

function check(table: TableModel, column: Column): TableObject[] {
  if (column.system) return [];
  const conditions = [...typeConditions(column), ...ownConditions(column)];
  if (conditions.length === 0) return [];
  const condition = conditions.join(' AND ');
  const meaning = `${table.name}.${column.name} such that ${condition}`;
  return [constraint(table, column.sqlName, 'check', meaning, `CHECK (${condition})`)];
}

/** What the column's type means here, where PostgreSQL's own would let more in than the API can answer. */
function typeConditions({ type, list, sqlName }: Column): string[] {
  const name = quoteName(sqlName);
  const conditions: string[] = list ? [`array_position(${name}, NULL) IS NULL`] : [];
  if (type.kind === 'enum') {
    const values = type.values.map(quoteText).join(', ');
    conditions.push(list ? `${name} <@ ARRAY[${values}]::text[]` : `${name} IN (${values})`);
  } else if (type.name === 'Float' || type.name === 'Decimal') {
    conditions.push(
      list ? `NOT ${name} && '{NaN,Infinity,-Infinity}'` : `${name} NOT IN ('NaN', 'Infinity', '-Infinity')`,
    );
  } else if (type.name === 'DateTime' || type.name === 'Date') {
    const value = list ? `ALL (${name})` : name;
    const zone = type.name === 'DateTime' ? ' 00:00Z' : '';
    conditions.push(`'0001-01-01${zone}' <= ${value}`, `'10000-01-01${zone}' > ${value}`);
  }
  return conditions;
}

function ownConditions({ checks: { length, range }, sqlName }: Column): string[] {
  const name = quoteName(sqlName);
  const conditions: string[] = [];
  if (length?.min != null) conditions.push(`char_length(${name}) >= ${length.min}`);
  if (length?.max != null) conditions.push(`char_length(${name}) <= ${length.max}`);
  if (range?.min != null) conditions.push(`${name} >= ${range.min}`);
  if (range?.max != null) conditions.push(`${name} <= ${range.max}`);
  return conditions;
}

function constraint(
  table: TableModel,
  column: string,
  suffix: 'fkey' | 'check',
  meaning: string,
  rule: string,
): TableObject {
  const name = sqlObjectName([table.sqlName, column], suffix);
  const create = `ALTER TABLE ${tableName(table)} ADD CONSTRAINT ${quoteName(name)} ${rule}`;
  return { kind: 'constraint', name, meaning, create };
}
