// What a client asked for meets what it may see. Every read passes here, and every answer of a write: a column that the
// caller may not read is an error wherever it is mentioned, and each related table brings its own rule.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable, readableRows } from '../access/decide.ts';
import { ServiceError } from '../platform/errors.ts';
import { allOf, EVERY_ROW, type Filter } from '../tables/filter.ts';
import { type Model, type TableModel, tableOf } from '../tables/model.ts';
import type { RequestedSelection, RowSelection } from './plan.ts';

/** The rows of a table that are not soft-deleted. */
export function livingRows(table: TableModel): Filter {
  if (!table.softDelete) return allOf([]);
  return { kind: 'compare', column: 'deleted', operator: 'eq', operand: { kind: 'value', value: false } };
}

/** The rows of `table` that the class may read and that are not deleted. */
export function visibleRows(caller: CallerClass, table: TableModel): Filter {
  return allOf([readableRows(caller, table), livingRows(table)]);
}

/** The selection with every related table's rule in it. Throws when it mentions what the class may not read. */
export function guardSelection(model: Model, caller: CallerClass, requested: RequestedSelection): RowSelection {
  const { table } = requested;
  const readable = decideTable(caller, table, 'READ') !== null;
  return {
    table,
    fields: requested.fields.map((field) => {
      if (field.kind === 'constant') return field;
      if (field.kind === 'column') {
        // Who may not read at all may still have inserted, and is told the id.
        const shown = readable ? decideColumn(caller, field.column, 'READ') : field.column.name === 'id';
        if (!shown) throw unknownField(table, field.column.name);
        return field;
      }
      if (!readable) throw unknownField(table, field.key);
      const { link } = field.relation;
      const target = tableOf(model, field.relation.target);
      return {
        ...field,
        selection: guardSelection(model, caller, field.selection),
        rows: visibleRows(caller, target),
        linkRows: link?.table ? visibleRows(caller, tableOf(model, link.table)) : EVERY_ROW,
      };
    }),
  };
}

/** The same words as for a field that does not exist. */
export function unknownField(table: TableModel, name: string): ServiceError {
  return new ServiceError('BAD_USER_INPUT', `Cannot query field "${name}" on type "${table.name}".`);
}
