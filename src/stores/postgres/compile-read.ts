// A read plan as one statement, whatever it nests; the whole answer is one JSON text.

import type { ReadManyPlan, ReadOnePlan } from '../../records/plan.ts';
import { type Model, tableOf } from '../../tables/model.ts';
import { compileRows } from './compile-rows.ts';
import { Aliases, type Compilation, Parameters } from './sql-text.ts';

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
