// A client's filter meets what the client may see. A column or relation that the class may not read is the same error as
// one that does not exist, however deep it is mentioned; and through a relation only those rows count that the class may
// see. Rules of table files are not guarded: they judge over all living rows.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideComparison, decideTable } from '../access/decide.ts';
import type { Filter } from '../tables/filter.ts';
import { columnOf, type Link, type Model, type Relation, type TableModel, tableOf } from '../tables/model.ts';
import { rowsSeen, unknownField, unsafeColumn } from './readable-rows.ts';

/** The filter with the rows of every related table in it. Throws when it mentions what the class may not read. */
export function guardFilter(model: Model, caller: CallerClass, table: TableModel, filter: Filter): Filter {
  const guard = (part: Filter): Filter => {
    switch (part.kind) {
      case 'constant':
        return part;
      case 'and':
      case 'or':
        return { ...part, parts: part.parts.map(guard) };
      case 'not':
        return { ...part, part: guard(part.part) };
      case 'relation':
      case 'count': {
        const relation = table.relations.get(part.relation);
        if (!relation || !mayFollow(model, caller, table, relation)) throw unknownField(table, part.relation);
        const seen = rowsSeen(model, caller, relation);
        if (part.kind === 'count') return { ...part, ...seen };
        const target = tableOf(model, relation.target);
        return { ...part, ...seen, filter: guardFilter(model, caller, target, part.filter) };
      }
      default: {
        const column = table.columns.get(part.column);
        if (!column || !mayRead(caller, table, part.column)) throw unknownField(table, part.column);
        if (!decideComparison(caller, table, part.column)) throw unsafeColumn(table, part.column, 'filter by');
        return part;
      }
    }
  };
  return guard(filter);
}

/** Whether the class may follow a relation of `table`: read the tables on the way, and every key that leads there. */
export function mayFollow(model: Model, caller: CallerClass, table: TableModel, relation: Relation): boolean {
  const { column, kind, link } = relation;
  const target = tableOf(model, relation.target);
  const readable = (...tables: TableModel[]) => tables.every((one) => decideTable(caller, one, 'READ') !== null);
  if (!readable(table, target)) return false;
  if (link?.table) {
    const through = tableOf(model, link.table);
    const keys = [...through.columns.values()].filter(({ sqlName }) => linkKeys(link).includes(sqlName));
    return readable(through) && keys.every((key) => decideColumn(caller, key, 'READ'));
  }
  return link !== null || mayRead(caller, kind === 'belongsTo' ? table : target, column);
}

const linkKeys = ({ ownerColumn, targetColumn }: Link) => [ownerColumn, targetColumn];

function mayRead(caller: CallerClass, table: TableModel, column: string): boolean {
  return decideTable(caller, table, 'READ') !== null && decideColumn(caller, columnOf(table, column), 'READ');
}
