// Every generated name, in GraphQL and in the database, comes from here. A template string makes a name nowhere else.

import { createHash } from 'node:crypto';
import pluralize from 'pluralize';

/** The longest identifier PostgreSQL keeps, in bytes (NAMEDATALEN - 1). */
export const SQL_NAME_LIMIT = 63;

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Whether a text can be the name of a field or type; GraphQL keeps those with __ for itself. */
export function isGraphqlName(text: string): boolean {
  return /^(?!__)[_A-Za-z]\w*$/.test(text);
}

/** `TodoItem` to `TodoItems`. */
export function pluralOf(typeName: string): string {
  return pluralize.plural(typeName);
}

/** The root fields of a table. */
export function rootFieldNames(table: { name: string; plural: string }) {
  return {
    one: lowerFirst(table.name),
    many: lowerFirst(table.plural),
    aggregate: aggregateFieldName(lowerFirst(table.plural)),
    connection: connectionFieldName(lowerFirst(table.plural)),
    insert: `insert${upperFirst(table.name)}`,
    insertMany: `insert${upperFirst(table.plural)}`,
    update: `update${upperFirst(table.name)}`,
    updateMany: `update${upperFirst(table.plural)}`,
    upsert: `upsert${upperFirst(table.name)}`,
    delete: `delete${upperFirst(table.name)}`,
    deleteMany: `delete${upperFirst(table.plural)}`,
    undelete: `undelete${upperFirst(table.name)}`,
  };
}

/** The fields of a table that are subscribed to. */
export function subscriptionFieldNames(table: { name: string; plural: string }) {
  return { changes: `${lowerFirst(table.name)}Changes`, many: lowerFirst(table.plural) };
}

/** The types of a table. */
export function typeNames(table: { name: string }) {
  const { name } = table;
  return {
    row: name,
    key: `${name}Key`,
    insert: `${name}Insert`,
    ref: `${name}Ref`,
    refConnect: `${name}RefConnect`,
    refInsert: `${name}RefInsert`,
    refs: `${name}Refs`,
    refsConnect: `${name}RefsConnect`,
    refsInsert: `${name}RefsInsert`,
    set: `${name}Set`,
    increment: `${name}Increment`,
    append: `${name}Append`,
    batch: `${name}Batch`,
    upsert: `${name}Upsert`,
    where: `${name}Where`,
    listFilter: `${name}ListFilter`,
    orderBy: `${name}OrderBy`,
    connection: `${name}Connection`,
    edge: `${name}Edge`,
    change: `${name}Change`,
    changeBatch: `${name}ChangeBatch`,
  };
}

/** The filters over the values of a scalar or enum: `StringFilter`, and `StringListFilter` for lists of them. */
export function filterNames(type: { readonly name: string }) {
  return { one: `${type.name}Filter`, list: `${type.name}ListFilter` };
}

/** The name of a unique key in the key input: its column, or its columns joined (`ownerIdName`). */
export function keyFieldName(columns: readonly string[]): string {
  return columns.map((column, at) => (at === 0 ? column : upperFirst(column))).join('');
}

/** The input type of a key of several columns: `TodoListOwnerIdNameKey`. */
export function keyTypeName(table: { name: string }, columns: readonly string[]): string {
  return `${table.name}${upperFirst(keyFieldName(columns))}Key`;
}

/** The column that a `@belongsTo` field makes. */
export function foreignKeyName(field: string): string {
  return `${field}Id`;
}

/** `TodoItem` and `todoItem` to `todo_item`; `HTMLPage` to `html_page`. */
export function toSqlName(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * The name of an index or constraint: `todo_item.list_id.idx`. Points, because no column has one, so that no two of a
 * database are alike; `_` would make one name of `user.group_name` and `user_group.name`. One that would be too long keeps
 * its start and a hash of the whole.
 */
export function sqlObjectName(parts: readonly string[], suffix: 'pkey' | 'key' | 'fkey' | 'check' | 'idx'): string {
  const name = [...parts.map((part) => part.replaceAll('.', '..')), suffix].join('.');
  if (Buffer.byteLength(name) <= SQL_NAME_LIMIT) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
  const room = SQL_NAME_LIMIT - hash.length - suffix.length - 2;
  return `${Buffer.from(name).subarray(0, room).toString('utf8').replace(/�+$/, '')}.${hash}.${suffix}`;
}

/**
 * The types of a table's aggregates. Those with `Having` filter the values of the type without it. `isWritten` says whether a
 * table or enum has a name: groups of users are common, so that `UserGroup` gives way to one.
 */
export function aggregateTypeNames({ name }: { name: string }, isWritten: (name: string) => boolean) {
  return {
    aggregate: `${name}Aggregate`,
    group: isWritten(`${name}Group`) ? `${name}AggregateGroup` : `${name}Group`,
    groupBy: `${name}GroupBy`,
    having: `${name}Having`,
    sum: `${name}Sum`,
    avg: `${name}Avg`,
    min: `${name}Min`,
    max: `${name}Max`,
    sumHaving: `${name}SumHaving`,
    avgHaving: `${name}AvgHaving`,
    minHaving: `${name}MinHaving`,
    maxHaving: `${name}MaxHaving`,
  };
}

/** The field that aggregates what a field lists: `todoItemsAggregate`, `itemsAggregate`. */
export function aggregateFieldName(list: string): string {
  return `${list}Aggregate`;
}

/** A column's value cut down to a unit of time: `dueAtMonth`. */
export function truncatedName(column: string, unit: string): string {
  return `${column}${upperFirst(unit)}`;
}

/** The value of an enum that stands for a name: `LIST_ID`. */
export function constantName(name: string): string {
  return toSqlName(name).toUpperCase();
}

/** The field that pages through what a field lists: `todoItemsConnection`, `itemsConnection`. */
export function connectionFieldName(list: string): string {
  return `${list}Connection`;
}

/** The fields of a relation to many rows. */
export function relatedFieldNames(relation: string) {
  return {
    list: relation,
    connection: connectionFieldName(relation),
    aggregate: aggregateFieldName(relation),
  };
}
