// The triggers that write the change log, on one table. The function they call is made by the catalog.

import { quoteName, quoteText, SYSTEM_SCHEMA, tableName } from '../sql-text.ts';

/**
 * Triggers fire by the order of their names. Ours has to be the first: one of somebody else's that changes the same row once
 * more would have the second change logged before the first.
 */
export const CHANGE_TRIGGER = '0_tablecast_change';
export const TRUNCATE_TRIGGER = '0_tablecast_truncate';

type Table = Parameters<typeof tableName>[0];

/** The statements that have the changes of a table logged. What happened to it before was not: readers are told to read anew. */
export function captureTable(table: Table): string[] {
  const capture = `EXECUTE FUNCTION ${quoteName(SYSTEM_SCHEMA)}.capture_change()`;
  return [
    `CREATE TRIGGER ${quoteName(CHANGE_TRIGGER)} AFTER INSERT OR UPDATE OR DELETE ON ${tableName(table)} FOR EACH ROW ${capture}`,
    `CREATE TRIGGER ${quoteName(TRUNCATE_TRIGGER)} AFTER TRUNCATE ON ${tableName(table)} FOR EACH STATEMENT ${capture}`,
    logReset(table),
  ];
}

/** The statements that end it. */
export function releaseTable(table: Table): string[] {
  return [CHANGE_TRIGGER, TRUNCATE_TRIGGER].map(
    (name) => `DROP TRIGGER IF EXISTS ${quoteName(name)} ON ${tableName(table)}`,
  );
}

/** The statement that tells readers that rows of a table were changed in a way that is not logged. */
export function logReset(table: Table): string {
  return `SELECT ${quoteName(SYSTEM_SCHEMA)}.log_reset(${quoteText(tableName(table))})`;
}

/**
 * Likewise, where a column of the table was dropped, by whomever: the log may have another one under the name of a new one.
 * PostgreSQL keeps no names of what was dropped.
 */
export function logResetAfterDrop(table: Table): string {
  const dropped = `SELECT FROM pg_attribute WHERE attrelid = ${quoteText(tableName(table))}::regclass AND attisdropped`;
  return `${logReset(table)} WHERE EXISTS (${dropped})`;
}
