// A read plan as one statement, whatever it nests: every related row comes from a subquery that carries its own rule,
// order and page, and the whole answer is one JSON text.

import type { KeyValue, Page, ReadManyPlan, ReadOnePlan, RowSelection } from '../../records/plan.ts';
import type { Filter } from '../../tables/filter.ts';
import { columnOf, type Model, type Relation, tableOf } from '../../tables/model.ts';
import { compileFilter, joinCondition, type Placed } from './compile-filter.ts';
import { compileObject } from './compile-json.ts';
import { Aliases, type Compilation, columnRef, Parameters, tableName } from './sql-text.ts';

/** A statement, and where each of its parameters comes from. */
export interface Statement {
  readonly text: string;
  readonly parameters: Parameters;
}

/** What one statement's compilers share, at its start. */
export function newCompilation(model: Model): Compilation {
  return { parameters: new Parameters(), aliases: new Aliases(), tableOf: (name) => tableOf(model, name) };
}

/** The statement for a plan; its answer is one row with one text, `answer`. */
export function compileRead(plan: ReadOnePlan | ReadManyPlan, model: Model): Statement {
  const to = newCompilation(model);
  const { selection, rows } = plan;
  const answer =
    plan.kind === 'one'
      ? compileRows({ selection, rows, page: null, by: plan.by }, to)
      : compileRows({ selection, rows, page: plan.page }, to);
  return { text: `SELECT ${answer}::text AS answer`, parameters: to.parameters };
}

interface Rows {
  readonly selection: RowSelection;
  /** The rows that may be seen. */
  readonly rows: Filter;
  /** Null: one row, or null when there is none. */
  readonly page: Page | null;
  readonly by?: readonly KeyValue[];
  /** The row that these are related to. */
  readonly owner?: Placed & { readonly relation: Relation; readonly linkRows: Filter };
}

/** A subquery whose value is the JSON of the rows: an array with a page, else an object or NULL. */
export function compileRows({ selection, rows, page, by = [], owner }: Rows, to: Compilation): string {
  const { table } = selection;
  const alias = to.aliases.next();
  const conditions = [
    ...by.map(({ column, slot }) => `${columnRef(alias, column)} = ${to.parameters.add(slot)}`),
    ...(owner ? [joinCondition(owner.relation, owner, { table, alias }, owner.linkRows, to)] : []),
    compileFilter(rows, table, alias, to),
  ].filter((condition) => condition !== 'TRUE');
  const object = compileObject(selection, alias, to);
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const from = `FROM ${tableName(table)} ${alias}${where}`;
  if (!page) return `(SELECT ${object} ${from})`;
  const order = `ORDER BY ${columnRef(alias, columnOf(table, 'id'))}`;
  const limits = `LIMIT ${to.parameters.add(page.first)} OFFSET ${to.parameters.add(page.skip)}`;
  const listed = to.aliases.next();
  return `(SELECT coalesce(json_agg(${listed}.item), '[]') FROM (SELECT ${object} AS item ${from} ${order} ${limits}) ${listed})`;
}
