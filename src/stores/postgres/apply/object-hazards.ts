// Rows that can stand against a check, a key or a unique: how they are counted, and what allowing means for them.

import { type Column, columnOf, type TableModel } from '../../../tables/model.ts';
import { quoteName, quoteText, sqlType, tableName } from '../sql-text.ts';
import { columnConditions } from './column-conditions.ts';
import { convertedValue } from './column-types.ts';
import type { DatabaseState } from './database-state.ts';
import { type Hazard, rowsInWords } from './model-plan.ts';
import { ownDefault } from './table-ddl.ts';
import { createUnvalidated, type TableObject } from './table-objects.ts';

/** Where the rows are while they are counted, and what their values are. */
export interface Naming {
  /** Null: the table is not there yet. */
  readonly table: (table: TableModel) => string | null;
  /** The value of a column of the model, as an SQL expression. */
  readonly column: (table: TableModel, column: Column) => string;
}

/** After everything was renamed, added and converted. */
export const MODEL_NAMES: Naming = {
  table: tableName,
  column: (_table, column) => quoteName(column.sqlName),
};

/** Before: the values are what they are about to be. */
export function namesBefore(state: DatabaseState): Naming {
  const found = (table: TableModel) => state.tables.get(table.sqlName);
  return {
    table: (table) => {
      const name = found(table)?.name;
      return name === undefined ? null : tableName({ sqlName: name });
    },
    column: (table, column) => {
      const existing = found(table)?.columns.get(column.sqlName);
      const wanted = sqlType(column.type, column.list);
      if (!existing) return ownDefault(column) ?? (column.name === 'deleted' ? 'FALSE' : `NULL::${wanted}`);
      const name = quoteName(existing.name);
      return existing.type === wanted ? name : convertedValue(column, existing.type, name);
    },
  };
}

/** The rows that stand against an object. Null: none can, or they cannot be counted yet. */
export function objectHazard(table: TableModel, object: TableObject, naming: Naming): Hazard | null {
  const from = naming.table(table);
  const { rule } = object;
  if (from === null) return null;
  switch (rule.kind) {
    case 'check':
      return checkHazard(table, object, rule.column, naming.column(table, rule.column), from);
    case 'required':
      return requiredHazard(table, rule.column, naming.column(table, rule.column), from);
    case 'key': {
      const key = naming.column(table, rule.column);
      const target = naming.table(rule.target);
      const found = target === null ? '' : ` AND NOT EXISTS (SELECT FROM ${target} o WHERE o."id" = k.key)`;
      const name = `${table.name}.${rule.relation.name}`;
      const own = quoteName(rule.column.sqlName);
      return {
        count: `SELECT count(*) AS rows FROM (SELECT ${key} AS key FROM ${from}) k WHERE k.key IS NOT NULL${found}`,
        words: (rows) => `${name} names no ${rule.target.name} in ${rowsInWords(rows)}`,
        allowed: rule.column.required
          ? null
          : {
              name: `key:${name}`,
              words: 'the relation becomes null there',
              mend: [
                `UPDATE ${tableName(table)} k SET ${own} = NULL WHERE k.${own} IS NOT NULL AND NOT EXISTS (SELECT FROM ${tableName(rule.target)} o WHERE o."id" = k.${own})`,
              ],
            },
      };
    }
    case 'unique':
      return uniqueHazard(table, rule.columns, naming, from);
    case 'index':
      return null;
  }
}

function checkHazard(table: TableModel, object: TableObject, column: Column, value: string, from: string): Hazard {
  const name = `${table.name}.${column.name}`;
  const failing = (of: string) => `NOT (${columnConditions(column, of).join(' AND ')})`;
  const own = quoteName(column.sqlName);
  const base = {
    count: `SELECT count(*) AS rows FROM (SELECT ${value} AS value FROM ${from}) given WHERE ${failing('value')}`,
    words: (rows: number) =>
      column.type.kind === 'enum'
        ? `${name} is none of ${column.type.values.join(', ')} in ${rowsInWords(rows)}`
        : `${name} is not such that ${columnConditions(column, own).join(' AND ')} in ${rowsInWords(rows)}`,
  };
  // A value that the API cannot answer has to go; one that is only too long may stay.
  if (column.type.kind === 'enum' && !column.list) {
    if (column.required && column.defaultValue === undefined) return { ...base, allowed: null };
    const instead = ownDefault(column) ?? 'NULL';
    const words = `the value becomes ${column.defaultValue === undefined ? 'null' : String(column.defaultValue)} there`;
    const mend = [`UPDATE ${tableName(table)} SET ${own} = ${instead} WHERE ${failing(own)}`];
    return { ...base, allowed: { name: `narrow:${name}`, words, mend } };
  }
  if (column.type.kind === 'enum') {
    const values = column.type.values.map(quoteText).join(', ');
    const kept = `ARRAY(SELECT item FROM unnest(${own}) WITH ORDINALITY AS items (item, at) WHERE item IN (${values}) ORDER BY at)`;
    const mend = [`UPDATE ${tableName(table)} SET ${own} = ${kept} WHERE ${failing(own)}`];
    return { ...base, allowed: { name: `narrow:${name}`, words: 'the values that are gone are left out there', mend } };
  }
  return {
    ...base,
    allowed: {
      name: `check:${name}`,
      words: 'these rows stay as they are until they are written again',
      mend: [],
      instead: createUnvalidated(table, object, true),
    },
  };
}

function requiredHazard(table: TableModel, column: Column, value: string, from: string): Hazard {
  const name = `${table.name}.${column.name}`;
  const own = quoteName(column.sqlName);
  const fallback = ownDefault(column);
  return {
    count: `SELECT count(*) AS rows FROM ${from} WHERE (${value}) IS NULL`,
    words: (rows) =>
      `${name} is to be required, and is null in ${rowsInWords(rows)}${fallback === null ? ': give it @default to fill them, or set them' : ''}`,
    allowed:
      fallback === null
        ? null
        : {
            name: `require:${name}`,
            words: 'they get the default',
            mend: [`UPDATE ${tableName(table)} SET ${own} = ${fallback} WHERE ${own} IS NULL`],
          },
  };
}

function uniqueHazard(table: TableModel, columns: readonly Column[], naming: Naming, from: string): Hazard {
  const values = columns.map((column, at) => `${naming.column(table, column)} AS v${at}`);
  const names = columns.map((_, at) => `v${at}`);
  const living = table.softDelete ? ` WHERE NOT ${naming.column(table, columnOf(table, 'deleted'))}` : '';
  const given = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const own = columns.map(({ sqlName }) => quoteName(sqlName));
  const title = `${table.name} (${columns.map(({ name }) => name).join(', ')})`;
  const later = [
    `SELECT "id" FROM (SELECT "id", row_number() OVER (PARTITION BY ${own.join(', ')} ORDER BY "created_at", "id") AS place FROM ${tableName(table)}`,
    `WHERE ${[...own.map((name) => `${name} IS NOT NULL`), ...(table.softDelete ? ['"deleted" = FALSE'] : [])].join(' AND ')}) ranked WHERE place > 1`,
  ].join(' ');
  const away = table.softDelete ? `UPDATE ${tableName(table)} SET "deleted" = TRUE` : `DELETE FROM ${tableName(table)}`;
  return {
    count: `SELECT coalesce(sum(copies - 1), 0)::bigint AS rows FROM (SELECT count(*) AS copies FROM (SELECT ${values.join(', ')} FROM ${from}${living}) given WHERE ${given} GROUP BY ${names.join(', ')} HAVING count(*) > 1) copied`,
    words: (rows) => `${title} is to be unique, and ${rowsInWords(rows)} repeat${rows === 1 ? 's' : ''} another`,
    allowed: {
      name: `unique:${table.name}.${columns.map(({ name }) => name).join(',')}`,
      words: 'of rows that are alike the oldest stays, and the others are deleted',
      mend: [`${away} WHERE "id" IN (${later})`],
    },
  };
}
