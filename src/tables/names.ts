// Every generated name, in GraphQL and in the database, comes from here. A template string makes a name nowhere else.

import { createHash } from 'node:crypto';
import pluralize from 'pluralize';

/** The longest identifier PostgreSQL keeps, in bytes (NAMEDATALEN - 1). */
export const SQL_NAME_LIMIT = 63;

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** `TodoItem` to `TodoItems`. */
export function pluralOf(typeName: string): string {
  return pluralize.plural(typeName);
}

/** The root fields of a table. */
export function rootFieldNames(table: { name: string; plural: string }) {
  return {
    one: lowerFirst(table.name),
    many: lowerFirst(table.plural),
    insert: `insert${upperFirst(table.name)}`,
  };
}

/** The types of a table. */
export function typeNames(table: { name: string }) {
  return { row: table.name, key: `${table.name}Key`, insert: `${table.name}Insert` };
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
