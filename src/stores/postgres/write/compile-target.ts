// The rows that a write changes or removes: found by a key, a filter or their ids, narrowed by the rule of the operation, and
// locked in the order of their ids, so that two writes that meet wait instead of blocking each other for good.

import type { DeletePlan, ExaminePlan, LockPlan, UpdatePlan } from '../../../records/writes/write-plan.ts';
import { columnOf } from '../../../tables/model.ts';
import { compileFilter } from '../compile/compile-filter.ts';
import { type Compilation, columnRef, tableName } from '../sql-text.ts';

type Targeted = Pick<UpdatePlan | ExaminePlan | DeletePlan | LockPlan, 'table' | 'target' | 'rows'>;

/** The conditions of a target on the rows under `alias`. */
export function targetConditions({ table, target, rows }: Targeted, alias: string, to: Compilation): string {
  const id = columnRef(alias, columnOf(table, 'id'));
  const conditions = [...namedBy(), compileFilter(rows, table, alias, to)];
  return conditions.filter((condition) => condition !== 'TRUE').join(' AND ') || 'TRUE';

  function namedBy(): string[] {
    switch (target.kind) {
      case 'key':
        return target.by.map(({ column, slot }) => `${columnRef(alias, column)} = ${to.parameters.add(slot)}`);
      case 'filter':
        return [compileFilter(target.where, table, alias, to)];
      case 'ids':
        return [`${id} = ANY (${to.parameters.add(target.ids)})`];
    }
  }
}

/** `target`: the rows as they are, locked unless `lock` is null. `extra` is joined to them. */
export function compileTarget(
  plan: Targeted,
  to: Compilation,
  {
    lock,
    extra,
  }: { readonly lock: 'UPDATE' | 'NO KEY UPDATE' | null; readonly extra?: { join: string; columns: string } },
): string {
  const { table, target } = plan;
  const alias = to.aliases.next();
  const where = targetConditions(plan, alias, to);
  const order = target.kind === 'key' ? '' : ` ORDER BY ${columnRef(alias, columnOf(table, 'id'))}`;
  const limit = target.kind === 'filter' && target.most ? ` LIMIT ${to.parameters.add(target.most)}` : '';
  const locking = lock ? ` FOR ${lock} OF ${alias}` : '';
  const columns = extra ? `${alias}.*, ${extra.columns}` : `${alias}.*`;
  const join = extra ? ` JOIN ${extra.join} ON given.id = ${columnRef(alias, columnOf(table, 'id'))}` : '';
  return `target AS (SELECT ${columns} FROM ${tableName(table)} ${alias}${join} WHERE ${where}${order}${limit}${locking})`;
}
