// Whether a class may bring rows along through a relation. The key that ties two rows is a column like any other: who may not
// set it may not tie rows by it. Schemas offer what these say, and layouts ask them again.

import type { CallerClass } from '../../access/caller-class.ts';
import { decideColumn, decideTable } from '../../access/decide.ts';
import {
  type Column,
  columnOf,
  type Link,
  type Model,
  type Relation,
  type TableModel,
  tableOf,
} from '../../tables/model.ts';
import { mayFollow } from '../guard-filter.ts';

interface Who {
  readonly model: Model;
  readonly caller: CallerClass;
}

/** Whether a new row of `table` may be tied to rows that are there. Rows that come to belong to it are updated. */
export function mayConnect({ model, caller }: Who, table: TableModel, relation: Relation): boolean {
  const target = tableOf(model, relation.target);
  if (!decideTable(caller, target, 'READ')) return false;
  if (relation.kind === 'belongsTo' || relation.kind === 'manyToMany')
    return mayTie({ model, caller }, table, relation);
  const key = columnOf(target, relation.column);
  return (
    decideTable(caller, target, 'UPDATE') !== null &&
    decideColumn(caller, key, 'UPDATE') &&
    mayFollow(model, caller, table, relation)
  );
}

/** Whether a new row of `table` may bring new rows along. */
export function mayNestNew({ model, caller }: Who, table: TableModel, relation: Relation): boolean {
  const target = tableOf(model, relation.target);
  if (!decideTable(caller, target, 'INSERT')) return false;
  if (relation.kind === 'belongsTo' || relation.kind === 'manyToMany')
    return mayTie({ model, caller }, table, relation);
  return decideColumn(caller, columnOf(target, relation.column), 'INSERT');
}

/** Whether the class may write the key in the new row, or the row between, which is one like any other if it is of the model. */
function mayTie({ model, caller }: Who, table: TableModel, { column, link }: Relation): boolean {
  if (!link) return decideColumn(caller, columnOf(table, column), 'INSERT');
  if (!link.table) return true;
  const between = tableOf(model, link.table);
  const keys = Object.values(linkKeys(between, link));
  return decideTable(caller, between, 'INSERT') !== null && keys.every((key) => decideColumn(caller, key, 'INSERT'));
}

/** The two keys of a table of the model that lies between two others, from the side of the owner. */
export function linkKeys(table: TableModel, link: Link): { readonly owner: Column; readonly target: Column } {
  const bySqlName = (sqlName: string) => {
    const column = [...table.columns.values()].find((one) => one.sqlName === sqlName);
    if (!column) throw new Error(`no column ${sqlName} in ${table.name}`);
    return column;
  };
  return { owner: bySqlName(link.ownerColumn), target: bySqlName(link.targetColumn) };
}
