// Rows by their keys, for whoever follows the log.

import type pg from 'pg';
import type { Position } from '../../../changes/position.ts';
import type { KeyedLook, Look, RowReader } from '../../../changes/rows-as-of.ts';
import { quoteName, quoteText, tableName } from '../sql-text.ts';
import { RepeatedStatement } from '../statements/repeated-statement.ts';
import { isUnfitValue, toServiceError } from '../store-error.ts';
import { lookStatement, OWN_PARAMETERS, takeLook } from './look.ts';

/** Reads through a pool of `openLogReaders`. A key that the column's type cannot hold is the key of no row. */
export class PostgresRowReader implements RowReader {
  /** The statements, by table and column. */
  readonly #statements = new Map<string, RepeatedStatement>();

  constructor(private readonly pool: pg.Pool) {}

  async look(after: Position, keyed: KeyedLook): Promise<Look | null> {
    const statement = this.#statementOf(keyed);
    try {
      return await takeLook(this.pool, statement, after, [keyed.keys]).catch(async (error: unknown) => {
        if (!isUnfitValue(error)) throw error;
        return takeLook(this.pool, statement, after, [await this.#fitting(keyed, keyed.keys)]);
      });
    } catch (error) {
      throw toServiceError(error);
    }
  }

  #statementOf(keyed: KeyedLook): RepeatedStatement {
    const { table, column } = keyed;
    const known = this.#statements.get(`${table}\n${column}`);
    if (known) return known;
    const keys = `ARRAY(SELECT ${keyAsColumn(keyed)} FROM unnest($${OWN_PARAMETERS + 1}::text[]) AS key)`;
    const found = `SELECT to_jsonb(t) AS image FROM ${tableName({ sqlName: table })} t WHERE t.${quoteName(column)} = ANY (${keys})`;
    const statement = new RepeatedStatement(lookStatement({ sqlName: table }, found));
    this.#statements.set(`${table}\n${column}`, statement);
    return statement;
  }

  /** Those of the keys that the column's type can hold. PostgreSQL tells of one that it cannot, and not which: halves are tried. */
  async #fitting(keyed: KeyedLook, keys: readonly string[]): Promise<readonly string[]> {
    try {
      await this.pool.query(`SELECT count(${keyAsColumn(keyed)}) FROM unnest($1::text[]) AS key`, [keys]);
      return keys;
    } catch (error) {
      if (!isUnfitValue(error)) throw error;
      if (keys.length <= 1) return [];
      const middle = keys.length >> 1;
      const halves = [keys.slice(0, middle), keys.slice(middle)];
      const fitting: string[] = [];
      for (const half of halves) fitting.push(...(await this.#fitting(keyed, half)));
      return fitting;
    }
  }
}

/** `key`, a text, as a value of the column, whatever type that has by now: so that the column's index finds it. */
function keyAsColumn({ table, column }: KeyedLook): string {
  const row = `jsonb_populate_record(NULL::${tableName({ sqlName: table })}, jsonb_build_object(${quoteText(column)}, key))`;
  return `(${row}).${quoteName(column)}`;
}
