// Rows of one write that are changed in different ways: put into as few statements as can be.

import { columnOf, type TableModel } from '../../tables/model.ts';
import type { PlainRow } from '../row-scripts.ts';
import { same } from './script-item.ts';

interface OwnChange {
  readonly own: PlainRow;
}

/** Whether all of them are changed alike. */
export function sameForAll(targets: readonly OwnChange[]): boolean {
  return targets.every(({ own }) => same(own, targets[0]?.own));
}

/**
 * Groups that one statement each can change: all of them, each with values of its own, unless there are lists among these. An
 * array has no rows of arrays, so that rows with different lists are apart.
 */
export function eachOwn<Target extends OwnChange>(
  table: TableModel,
  targets: readonly Target[],
): readonly (readonly Target[])[] {
  const names = new Set(targets.flatMap(({ own }) => Object.keys(own)));
  if (![...names].some((name) => columnOf(table, name).list)) return [targets];
  const groups = new Map<string, Target[]>();
  for (const target of targets) {
    const key = JSON.stringify(Object.entries(target.own).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key);
    if (group) group.push(target);
    else groups.set(key, [target]);
  }
  return [...groups.values()];
}
