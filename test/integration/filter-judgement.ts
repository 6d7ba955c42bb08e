// Filters judged twice: by PostgreSQL, many in one statement over all rows of a table, and in memory, row by row.

import type pg from 'pg';
import { bindSlot, type Request } from '../../src/records/value-source.ts';
import { compileFilter } from '../../src/stores/postgres/compile/compile-filter.ts';
import { newCompilation } from '../../src/stores/postgres/compile/compile-read.ts';
import { encodeParameter } from '../../src/stores/postgres/encode-parameter.ts';
import { columnRef, tableName } from '../../src/stores/postgres/sql-text.ts';
import type { Filter } from '../../src/tables/filter.ts';
import { columnOf, type Model, type TableModel, tableOf } from '../../src/tables/model.ts';
import { prepareFilter, type Row } from '../../src/tables/prepare-filter.ts';
import { type Rows, relatedIn } from './filter-world.ts';

/** For each row, what the filters say: whether each is true, and whether its contrary is. */
export type Judgement = ReadonlyMap<string, readonly (readonly [is: boolean, isNot: boolean])[]>;

const contrary = (filter: Filter): Filter => ({ kind: 'not', part: filter });

export async function judgeInSql(
  client: pg.PoolClient | pg.Pool,
  model: Model,
  table: TableModel,
  filters: readonly Filter[],
  request: Request,
): Promise<Judgement> {
  const to = newCompilation(model);
  const verdicts = filters
    .flatMap((filter) => [filter, contrary(filter)])
    .map((filter) => `coalesce(${compileFilter(filter, table, 'row', to)}, FALSE)`);
  const values = to.parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, request)));
  const { rows } = await client.query<{ id: string; verdicts: boolean[] }>(
    `SELECT ${columnRef('row', columnOf(table, 'id'))} AS id, ARRAY[${verdicts.join(', ')}] AS verdicts FROM ${tableName(table)} "row"`,
    values,
  );
  return new Map(
    rows.map(({ id, verdicts: said }) => [
      id,
      filters.map((_, at) => [said[at * 2] === true, said[at * 2 + 1] === true] as const),
    ]),
  );
}

export function judgeInMemory(
  model: Model,
  table: TableModel,
  filters: readonly Filter[],
  rows: Rows,
  request: Request,
): Judgement {
  const world = {
    tableOf: (name: string) => tableOf(model, name),
    valueOf: (
      source: Parameters<typeof bindSlot>[0]['source'],
      type: Parameters<typeof bindSlot>[0]['type'],
      list: boolean,
    ) => bindSlot({ source, type, list }, request),
    related: relatedIn(rows),
  };
  const prepared = filters.map((filter) => prepareFilter(filter, table, world));
  const judge = (row: Row) =>
    prepared.map((filter) => filter(row)).map((verdict) => [verdict === true, verdict === false] as const);
  return new Map((rows[table.name] ?? []).map((row) => [String(row['id']), judge(row)]));
}
