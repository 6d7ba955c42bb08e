// Rows by their keys, for whoever follows the log.

import type pg from 'pg';
import type { Position } from '../../../changes/position.ts';
import type { KeyedLook, Look, RowReader } from '../../../changes/rows-as-of.ts';
import { quoteName, quoteText, tableName } from '../sql-text.ts';
import { RepeatedStatement } from '../statements/repeated-statement.ts';
import { toServiceError } from '../store-error.ts';
import { lookStatement, OWN_PARAMETERS, takeLook } from './look.ts';

/** Reads through a pool of `openLogReaders`. */
export class PostgresRowReader implements RowReader {
  /** The statements, by table and column. */
  readonly #statements = new Map<string, Promise<RepeatedStatement>>();

  constructor(private readonly pool: pg.Pool) {}

  async look(after: Position, keyed: KeyedLook): Promise<Look | null> {
    try {
      const name = `${keyed.table}\n${keyed.column}`;
      const statement = this.#statements.get(name) ?? this.#statement(keyed);
      this.#statements.set(name, statement);
      statement.catch(() => this.#statements.delete(name));
      return await takeLook(this.pool, await statement, after, [keyed.keys]);
    } catch (error) {
      throw toServiceError(error);
    }
  }

  async #statement({ table, column }: KeyedLook): Promise<RepeatedStatement> {
    const name = tableName({ sqlName: table });
    const { rows } = await this.pool.query<{ type: string }>(
      `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = ${quoteText(name)}::regclass AND attname = $1`,
      [column],
    );
    const type = rows[0]?.type ?? 'text';
    const keys = `$${OWN_PARAMETERS + 1}::text[]`;
    const found = `SELECT to_jsonb(t) AS image FROM ${name} t WHERE t.${quoteName(column)} = ANY (${keys}::${type}[])`;
    return new RepeatedStatement(lookStatement({ sqlName: table }, found));
  }
}
