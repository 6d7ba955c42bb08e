// Statements beside a write: the ids of rows by lists of keys, rows read back by lists of ids, pairs of a table between.

import type { FindPlan, LinkPlan, ReadBackPlan } from '../../../records/writes/write-plan.ts';
import { type ColumnType, columnOf, type Model } from '../../../tables/model.ts';
import { ORIGIN, originCte } from '../change-log/write-origin.ts';
import { compileFilter } from '../compile/compile-filter.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type Compilation, columnRef, quoteName, type TextCollation, tableName } from '../sql-text.ts';
import { compileAnswers } from './answers.ts';

/** A row for each key, in their order, with `id`. */
export function compileFind(plan: FindPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const { table, columns, rows } = plan;
  const alias = to.aliases.next();
  const keys = given(
    columns.map(({ type }) => type),
    to,
  );
  const same = columns.map((column, at) => `${columnRef(alias, column)} = given.c${at}`);
  const conditions = [...same, compileFilter(rows, table, alias, to)].join(' AND ');
  const id = columnRef(alias, columnOf(table, 'id'));
  const text = `SELECT ${id} AS id FROM ${keys} LEFT JOIN ${tableName(table)} ${alias} ON ${conditions} ORDER BY given.at`;
  return { text, parameters: to.parameters };
}

/** A row for each id, in their order, with `answers`. */
export function compileReadBack(plan: ReadBackPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const { table } = plan;
  const id = columnOf(table, 'id');
  const alias = to.aliases.next();
  const ids = given([id.type], to);
  const answers = compileAnswers(plan, table, alias, to);
  const text = `SELECT ${answers} AS answers FROM ${ids} LEFT JOIN ${tableName(table)} ${alias} ON ${columnRef(alias, id)} = given.c0 ORDER BY given.at`;
  return { text, parameters: to.parameters };
}

/** Writes the pairs that are not there. */
export function compileLink({ link }: LinkPlan, model: Model): Statement {
  const to = newCompilation(model);
  const pairs = given([ID, ID], to);
  const columns = `${quoteName(link.ownerColumn)}, ${quoteName(link.targetColumn)}`;
  const text = `WITH ${originCte(to.parameters)} INSERT INTO ${tableName(link)} (${columns}) SELECT given.c0, given.c1 FROM ${pairs}, ${ORIGIN} ON CONFLICT DO NOTHING`;
  return { text, parameters: to.parameters };
}

const ID: ColumnType = { kind: 'scalar', name: 'ID' };

/** What the write brings along as lists, as rows with their place `at`. */
function given(types: readonly ColumnType[], to: Compilation): string {
  const lists = types.map((type, at) => to.parameters.add({ source: { from: 'write', at }, type, list: true }));
  const names = types.map((_, at) => `c${at}`);
  return `unnest(${lists.join(', ')}) WITH ORDINALITY AS given(${[...names, 'at'].join(', ')})`;
}
