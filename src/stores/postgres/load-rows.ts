// Many rows at once, for data that comes with a sample: each batch travels as one JSON text in one statement. No rule, preset
// or script has a say, so that only the service's own commands come this way; what the database itself checks, it checks.

import type pg from 'pg';
import type { Column, Link, TableModel } from '../../tables/model.ts';
import { quoteName, tableName } from './sql-text.ts';

/** What to load: rows of a table, or pairs of ids that a many-to-many relation joins, its own side first. */
export type Loading =
  | {
      readonly kind: 'rows';
      readonly table: TableModel;
      /** Those that the rows have values for, `id` among them. */
      readonly columns: readonly Column[];
      readonly items: readonly Readonly<Record<string, unknown>>[];
    }
  | {
      readonly kind: 'pairs';
      readonly table: TableModel;
      readonly relation: string;
      readonly link: Link;
      readonly items: readonly (readonly [string, string])[];
    };

const BATCH = 2_000;

/**
 * Inserts what is not there yet; a row whose id is taken stays as it is, so that it can be repeated after any end. Each batch
 * stands by itself. Yields after each: how many items are dealt with, and how many of them were new.
 */
export async function* loadRows(pool: pg.Pool, loading: Loading): AsyncGenerator<{ done: number; added: number }> {
  const text = loading.kind === 'rows' ? rowsStatement(loading) : pairsStatement(loading.link);
  let added = 0;
  for (let from = 0; from < loading.items.length; from += BATCH) {
    const batch = loading.items.slice(from, from + BATCH);
    const { rowCount } = await pool.query(text, [
      JSON.stringify(loading.kind === 'rows' ? toSqlNames(loading.columns, batch) : batch),
    ]);
    added += rowCount ?? 0;
    yield { done: from + batch.length, added };
  }
}

/** Lets the planner know what was loaded, before autovacuum gets to it. */
export async function analyzeLoaded(pool: pg.Pool, loadings: readonly Loading[]): Promise<void> {
  const names = new Set(loadings.map(tableOfLoading));
  await pool.query(`ANALYZE ${[...names].join(', ')}`);
}

function tableOfLoading(loading: Loading): string {
  return tableName(loading.kind === 'rows' ? loading.table : loading.link);
}

function rowsStatement({ table, columns }: Extract<Loading, { kind: 'rows' }>): string {
  const names = columns.map(({ sqlName }) => quoteName(sqlName)).join(', ');
  const place = tableName(table);
  return `INSERT INTO ${place} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${place}, $1::json) ON CONFLICT ("id") DO NOTHING`;
}

function pairsStatement(link: Link): string {
  const names = [link.ownerColumn, link.targetColumn].map(quoteName).join(', ');
  return `INSERT INTO ${tableName(link)} (${names}) SELECT pair ->> 0, pair ->> 1 FROM json_array_elements($1::json) pair ON CONFLICT DO NOTHING`;
}

function toSqlNames(columns: readonly Column[], rows: readonly unknown[]): object[] {
  return (rows as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(columns.map(({ name, sqlName }) => [sqlName, row[name] ?? null])),
  );
}
