// The tables between, that many-to-many relations need: two keys that go with their rows, each pair once.

import { type LinkTable, type Model, tableOf } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
import type { DatabaseState } from './database-state.ts';
import { quoteName, tableName } from './sql-text.ts';

/** The statements that make a link table; none when it is there. A reason is added when something else has its name. */
export function planLinkTable(link: LinkTable, model: Model, state: DatabaseState, refusals: string[]): string[] {
  const found = state.tables.get(link.sqlName);
  if (!found) return createLinkTable(link, model);
  if (link.sides.every(({ sqlColumn }) => found.columns.get(sqlColumn)?.type === 'text')) return [];
  refusals.push(
    `${tableName(link)} is there, and is not the table between ${linked(link)}: give one of them another @table(name:)`,
  );
  return [];
}

/** `Post and Tag`. */
export function linked({ sides }: LinkTable): string {
  return sides.map(({ table }) => table).join(' and ');
}

function createLinkTable(link: LinkTable, model: Model): string[] {
  const names = link.sides.map(({ sqlColumn }) => quoteName(sqlColumn));
  const columns = link.sides.map(({ table, sqlColumn }) => {
    const key = quoteName(sqlObjectName([link.sqlName, sqlColumn], 'fkey'));
    return `${quoteName(sqlColumn)} text COLLATE "C" NOT NULL CONSTRAINT ${key} REFERENCES ${tableName(tableOf(model, table))} ("id") ON DELETE CASCADE`;
  });
  const primary = `CONSTRAINT ${quoteName(sqlObjectName([link.sqlName], 'pkey'))} PRIMARY KEY (${names.join(', ')})`;
  // The primary key finds one way; this index finds the other.
  const back = quoteName(
    sqlObjectName([link.sqlName, ...link.sides.map(({ sqlColumn }) => sqlColumn).reverse()], 'idx'),
  );
  return [
    `CREATE TABLE ${tableName(link)} (\n  ${[...columns, primary].join(',\n  ')}\n)`,
    `CREATE INDEX ${back} ON ${tableName(link)} (${[...names].reverse().join(', ')})`,
  ];
}
