// Rows of a table page by page, for whoever begins to follow them.

import type pg from 'pg';
import type { CompiledImages, ImagesPlan, RowPages } from '../../../changes/row-pages.ts';
import { bindSlot } from '../../../records/value-source.ts';
import { columnOf, type Model } from '../../../tables/model.ts';
import { compileFilter } from '../compile/compile-filter.ts';
import { newCompilation } from '../compile/compile-read.ts';
import { encodeParameter } from '../encode-parameter.ts';
import { columnRef, tableName } from '../sql-text.ts';
import { RepeatedStatement } from '../statements/repeated-statement.ts';
import { toServiceError } from '../store-error.ts';
import { lookStatement, OWN_PARAMETERS, takeLook } from './look.ts';

/** The pages of one model's tables, through a pool of `openLogReaders`. */
export class PostgresRowPages implements RowPages {
  constructor(
    private readonly pool: pg.Pool,
    private readonly model: Model,
  ) {}

  compileImages({ table, rows }: ImagesPlan): CompiledImages {
    const to = newCompilation(this.model);
    // The first parameters are those of the look, and of the page.
    const offset = OWN_PARAMETERS + 2;
    for (let at = 0; at < offset; at++) to.parameters.add(placeholder(at));
    const alias = to.aliases.next();
    const id = columnRef(alias, columnOf(table, 'id'));
    const [after, most] = [`$${OWN_PARAMETERS + 1}::text`, `$${OWN_PARAMETERS + 2}::integer`];
    const which = compileFilter(rows, table, alias, to);
    const statement = (from: string) => {
      const found = `SELECT to_jsonb(${alias}) AS image FROM ${tableName(table)} ${alias} WHERE ${from} AND (${which}) ORDER BY ${id} COLLATE "C" LIMIT ${most}`;
      return new RepeatedStatement(lookStatement(table, found));
    };
    // Two statements, so that the one for later pages begins in the index.
    const first = statement(`${after} IS NULL`);
    const next = statement(`${id} > ${after} COLLATE "C"`);
    return {
      run: async (request, page) => {
        for (const slot of to.parameters.unused) bindSlot(slot, request);
        const values = to.parameters.slots.slice(offset).map((slot) => encodeParameter(slot, bindSlot(slot, request)));
        try {
          return await takeLook(this.pool, page.afterId === null ? first : next, page.after, [
            page.afterId,
            page.most,
            ...values,
          ]);
        } catch (error) {
          throw toServiceError(error, { table, reading: true });
        }
      },
    };
  }
}

/** Takes the place of a parameter that is not the filter's: a filter of rows that are read has no values of a write. */
function placeholder(at: number) {
  return {
    source: { from: 'write', at },
    type: { kind: 'scalar', name: 'String' },
    list: false,
  } as const;
}
