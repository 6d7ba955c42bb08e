// What holds rows together and makes them found: checks, foreign keys, uniques among the living, indexes. They stand in the
// database too, so that writes from outside keep them. Each carries the statement that made it as its comment, so that one
// which the schema says otherwise now is known and made again.

import { type Column, columnOf, type Relation, type TableModel } from '../../../tables/model.ts';
import { sqlObjectName } from '../../../tables/names.ts';
import { APP_SCHEMA, quoteName, quoteText, type TextCollation, tableName } from '../sql-text.ts';
import { columnConditions } from './column-conditions.ts';
import { MADE_BY, MADE_OVER_ROWS, type ObjectState } from './database-state.ts';

/** One of them. */
export interface TableObject {
  readonly kind: 'constraint' | 'index';
  readonly name: string;
  readonly create: string;
  /** What it makes of the table, for people: "Item (email) unique". */
  readonly meaning: string;
  readonly rule: ObjectRule;
}

/** What it asks of rows. */
export type ObjectRule =
  | { readonly kind: 'check'; readonly column: Column }
  | { readonly kind: 'required'; readonly column: Column }
  | { readonly kind: 'key'; readonly column: Column; readonly relation: Relation; readonly target: TableModel }
  | { readonly kind: 'unique'; readonly columns: readonly Column[] }
  | { readonly kind: 'index' };

/** All that a table of the model has, where texts are ordered by `textCollation`. */
export function tableObjects(
  table: TableModel,
  targetOf: (name: string) => TableModel,
  textCollation: TextCollation,
): TableObject[] {
  return [
    ...[...table.columns.values()].flatMap((column) => check(table, column)),
    ...[...table.relations.values()]
      .filter(({ kind }) => kind === 'belongsTo')
      .map((relation) => foreignKey(table, relation, targetOf(relation.target))),
    ...table.keys.slice(1).map(({ columns }) => unique(table, columns)),
    ...table.indexes.flatMap(({ columns }) => [index(table, columns), ...orderIndex(table, columns, textCollation)]),
  ];
}

/** The constraint that stands for NOT NULL while the rows from before are looked through. */
export function requiredObject(table: TableModel, column: Column): TableObject {
  const meaning = `${table.name}.${column.name} required`;
  const rule = `CHECK (${quoteName(column.sqlName)} IS NOT NULL)`;
  const name = sqlObjectName([table.sqlName, column.sqlName, 'required'], 'check');
  return constraint(table, name, meaning, rule, { kind: 'required', column });
}

/** The statements that make it on a table without rows, and say on it how it was made. */
export function createObject(table: TableModel, object: TableObject): string[] {
  return [object.create, noteObject(table, object, MADE_BY)];
}

/** The statements that make a constraint for new rows, to be validated afterwards, or never when it is tolerant. */
export function createUnvalidated(table: TableModel, object: TableObject, tolerant: boolean): string[] {
  return [`${object.create} NOT VALID`, noteObject(table, object, tolerant ? MADE_OVER_ROWS : MADE_BY)];
}

/** The statement that says on an object how it was made. */
export function noteObject(
  table: { readonly sqlName: string },
  { kind, name, create }: Pick<TableObject, 'kind' | 'name' | 'create'>,
  by: string,
): string {
  const place =
    kind === 'constraint'
      ? `CONSTRAINT ${quoteName(name)} ON ${tableName(table)}`
      : `INDEX ${quoteName(APP_SCHEMA)}.${quoteName(name)}`;
  return `COMMENT ON ${place} IS ${quoteText(by + create)}`;
}

/** The statement that removes it. */
export function dropObject(table: { readonly sqlName: string }, name: string, { kind }: ObjectState): string {
  return kind === 'constraint'
    ? `ALTER TABLE ${tableName(table)} DROP CONSTRAINT ${quoteName(name)}`
    : `DROP INDEX ${quoteName(APP_SCHEMA)}.${quoteName(name)}`;
}

/** The statement that gives it another name. */
export function renameObject(table: TableModel, { kind }: TableObject, from: string, to: string): string {
  return kind === 'constraint'
    ? `ALTER TABLE ${tableName(table)} RENAME CONSTRAINT ${quoteName(from)} TO ${quoteName(to)}`
    : `ALTER INDEX ${quoteName(APP_SCHEMA)}.${quoteName(from)} RENAME TO ${quoteName(to)}`;
}

const named = (table: TableModel, columns: readonly string[]) => `${table.name} (${columns.join(', ')})`;

function unique(table: TableModel, names: readonly string[]): TableObject {
  const columns = names.map((name) => columnOf(table, name));
  const living = table.softDelete ? ' WHERE "deleted" = FALSE' : '';
  const { name, over } = indexOver(table, columns, 'key');
  const create = `CREATE UNIQUE INDEX ${quoteName(name)} ON ${over}${living}`;
  return { kind: 'index', name, create, meaning: `${named(table, names)} unique`, rule: { kind: 'unique', columns } };
}

function index(table: TableModel, names: readonly string[]): TableObject {
  const columns = names.map((name) => columnOf(table, name));
  const { name, over } = indexOver(table, columns, 'idx');
  const create = `CREATE INDEX ${quoteName(name)} ON ${over}`;
  return { kind: 'index', name, create, meaning: `${named(table, names)} indexed`, rule: { kind: 'index' } };
}

/** Texts are compared by code point and ordered as people do: an index over a text is two. */
function orderIndex(table: TableModel, names: readonly string[], textCollation: TextCollation): TableObject[] {
  const columns = names.map((name) => columnOf(table, name));
  const last = columns.at(-1);
  if (textCollation === '"C"' || last?.type.name !== 'String' || last.type.kind === 'enum' || last.list) return [];
  const name = orderIndexName([table.sqlName, ...columns.map(({ sqlName }) => sqlName)]);
  const over = columns.map(({ sqlName }) => quoteName(sqlName)).join(', ');
  const create = `CREATE INDEX ${quoteName(name)} ON ${tableName(table)} (${over} COLLATE ${textCollation})`;
  return [{ kind: 'index', name, create, meaning: `${named(table, names)} ordered by index`, rule: { kind: 'index' } }];
}

/** No column has a space in its name, so that no other index is called so. */
export function orderIndexName(parts: readonly string[]): string {
  return sqlObjectName([...parts, 'order by'], 'idx');
}

function indexOver(table: TableModel, columns: readonly Column[], suffix: 'key' | 'idx') {
  const names = columns.map(({ sqlName }) => sqlName);
  return {
    name: sqlObjectName([table.sqlName, ...names], suffix),
    over: `${tableName(table)} (${names.map(quoteName).join(', ')})`,
  };
}

const ON_DELETE = { RESTRICT: 'RESTRICT', CASCADE: 'CASCADE', SET_NULL: 'SET NULL' } as const;

function foreignKey(table: TableModel, relation: Relation, target: TableModel): TableObject {
  const column = columnOf(table, relation.column);
  const rule = `FOREIGN KEY (${quoteName(column.sqlName)}) REFERENCES ${tableName(target)} ("id") ON DELETE ${ON_DELETE[relation.onDelete]}`;
  const meaning = `${table.name}.${relation.name} a key of ${target.name}`;
  const name = sqlObjectName([table.sqlName, column.sqlName], 'fkey');
  return constraint(table, name, meaning, rule, { kind: 'key', column, relation, target });
}

function check(table: TableModel, column: Column): TableObject[] {
  const conditions = columnConditions(column, quoteName(column.sqlName));
  if (conditions.length === 0) return [];
  const condition = conditions.join(' AND ');
  const { type } = column;
  const what = type.kind === 'enum' ? `one of ${type.values.join(', ')}` : `such that ${condition}`;
  const meaning = `${table.name}.${column.name} ${what}`;
  const name = sqlObjectName([table.sqlName, column.sqlName], 'check');
  return [constraint(table, name, meaning, `CHECK (${condition})`, { kind: 'check', column })];
}

function constraint(
  table: TableModel,
  name: string,
  meaning: string,
  condition: string,
  rule: ObjectRule,
): TableObject {
  const create = `ALTER TABLE ${tableName(table)} ADD CONSTRAINT ${quoteName(name)} ${condition}`;
  return { kind: 'constraint', name, create, meaning, rule };
}
