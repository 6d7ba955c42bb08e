// A read plan as one statement, whatever it nests; the whole answer is one JSON text.

import type { ReadPlan } from '../../../records/plan.ts';
import { type Model, tableOf } from '../../../tables/model.ts';
import { Aliases, type Compilation, Parameters, ROOT_COLLATION, type TextCollation } from '../sql-text.ts';
import type { RowShapes } from '../statements/row-shapes.ts';
import { compileAggregate } from './compile-aggregate.ts';
import { compileConnection } from './compile-connection.ts';
import { compileList, compileOne } from './compile-rows.ts';

/** A statement, and where each of its parameters comes from. */
export interface Statement {
  readonly text: string;
  readonly parameters: Parameters;
}

/** What one statement's compilers share, at its start. */
export function newCompilation(
  model: Model,
  textCollation: TextCollation = ROOT_COLLATION,
  rowShapes: RowShapes | null = null,
): Compilation {
  return {
    parameters: new Parameters(),
    aliases: new Aliases(),
    tableOf: (name) => tableOf(model, name),
    textCollation,
    rowShapes,
  };
}

/** The statement for a plan; its answer is one row with one text, `answer`. */
export function compileRead(
  plan: ReadPlan,
  model: Model,
  textCollation?: TextCollation,
  rowShapes?: RowShapes,
): Statement {
  const to = newCompilation(model, textCollation, rowShapes);
  return { text: `SELECT ${compileAnswer(plan, to)}::text AS answer`, parameters: to.parameters };
}

function compileAnswer(plan: ReadPlan, to: Compilation): string {
  switch (plan.kind) {
    case 'one':
      return compileOne(plan.selection, plan, to);
    case 'list':
      return compileList(plan.selection, undefined, to);
    case 'connection':
      return compileConnection(plan.selection, undefined, to);
    case 'aggregate':
      return compileAggregate(plan.selection, undefined, to);
  }
}
