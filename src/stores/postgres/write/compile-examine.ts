// What is in the way of a change, all of it at once: a look at the rows as they would be, which writes nothing and locks
// nothing. It is run after a change was refused, or with one that could not be tried.

import type { Change, ExaminePlan } from '../../../records/writes/write-plan.ts';
import type { Model } from '../../../tables/model.ts';
import { columnConditions } from '../apply/column-conditions.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type Compilation, columnRef, quoteText, type TextCollation } from '../sql-text.ts';
import { compileTarget } from './compile-target.ts';
import { changed, nextRows } from './compile-update.ts';
import { compileVerdict, listOf } from './judge.ts';
import { compileTaken } from './taken-keys.ts';

/** The statement. Its answer is a row for each row of the target, as `JudgedRow` has it. */
export function compileExamine(plan: ExaminePlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const { table, changes } = plan;
  const columns = changes.map(({ column }) => column);
  const increments = changes.filter(({ how }) => how === 'increment');
  const beyond = increments.map((change) => {
    const conditions = columnConditions(change.column, columnRef('next', change.column));
    const kept = [withinType(change, to), ...conditions].join(' AND ');
    return `CASE WHEN NOT (${kept}) THEN ${quoteText(change.column.name)} END`;
  });
  // A sum that its type does not hold would end the statement, and is nothing here.
  const value = (change: Change) => {
    const next = changed(change, 'target', to);
    return change.how === 'increment' ? `CASE WHEN ${withinType(change, to)} THEN ${next} END` : next;
  };
  const text = [
    `WITH ${compileTarget(plan, to, { lock: null })},`,
    `${nextRows(plan, value, to)}`,
    `SELECT next."id" AS target, next."#current" AS current, ${compileVerdict(plan, table, 'next', to)},`,
    `${compileTaken(table, 'next', 'next."id"', to, columns)} AS taken, ${listOf(beyond, 'text')} AS beyond`,
    `FROM next JOIN target ON target."id" = next."id" ORDER BY next."id"`,
  ].join('\n');
  return { text, parameters: to.parameters };
}

const RANGES: Readonly<Record<string, readonly [least: string, most: string]>> = {
  Int: ['-2147483648', '2147483647'],
  BigInt: ['-9223372036854775808', '9223372036854775807'],
  Float: ['-1.7976931348623157e308', '1.7976931348623157e308'],
};

/** Whether the sum is one that the column's type holds. */
function withinType({ column, slot }: Change, to: Compilation): string {
  const range = RANGES[column.type.name];
  if (!range) return 'TRUE';
  const sum = `coalesce(${columnRef('target', column)}, 0)::numeric + ${to.parameters.add(slot)}::numeric`;
  return `coalesce(${sum} BETWEEN ${range[0]} AND ${range[1]}, TRUE)`;
}
