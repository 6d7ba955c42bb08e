// Filter trees in memory: the same answer as in SQL, for rows in the API's inner forms. A filter is prepared once, with its
// values in it, and then judges many rows.

import { unreachable } from '../platform/errors.ts';
import { bySize } from './compare-values.ts';
import type { Filter } from './filter.ts';
import {
  type Judge,
  judgeComparison,
  judgeFlag,
  judgeJson,
  judgeJsonTest,
  judgeList,
  judgeOperator,
  type ValueOf,
} from './judge-column.ts';
import { columnOf, type TableModel } from './model.ts';
import { allVerdicts, anyVerdict, notVerdict, type Verdict } from './verdict.ts';

/** A row by its columns' names: Decimal, BigInt, DateTime and the like as text, Bytes as base64, JSON as it was parsed. */
export type Row = Readonly<Record<string, unknown>>;

/** A row that a relation leads to, once, and the rows of the table of the model between that lead there. */
export interface RelatedRow {
  readonly row: Row;
  readonly links: readonly Row[];
}

/** What a filter is judged with. */
export interface FilterWorld {
  readonly tableOf: (name: string) => TableModel;
  /** Asked when the filter is prepared. */
  readonly valueOf: ValueOf;
  /** All rows that a relation of `table` leads to from a row, deleted and hidden ones too: the filter says which count. */
  readonly related: (table: TableModel, row: Row, relation: string) => Iterable<RelatedRow>;
}

/** What the filter says of a row. Only true is yes. */
export type PreparedFilter = (row: Row) => Verdict;

/** The filter over rows of `table`. Throws what `valueOf` throws. */
export function prepareFilter(filter: Filter, table: TableModel, world: FilterWorld): PreparedFilter {
  switch (filter.kind) {
    case 'constant':
      return () => filter.value;
    case 'and':
    case 'or': {
      const parts = filter.parts.map((part) => prepareFilter(part, table, world));
      const join = filter.kind === 'and' ? allVerdicts : anyVerdict;
      return (row) => join(parts, (part) => part(row));
    }
    case 'not': {
      const part = prepareFilter(filter.part, table, world);
      return (row) => notVerdict(part(row));
    }
    case 'compare':
      return onColumn(filter, judgeComparison(filter, columnOf(table, filter.column), world.valueOf));
    case 'list':
      return onColumn(filter, judgeList(filter, columnOf(table, filter.column), world.valueOf));
    case 'json':
      return onColumn(filter, judgeJson(filter, world.valueOf));
    case 'jsonIs':
      return onColumn(filter, judgeJsonTest(filter, world.valueOf));
    case 'isNull':
      return onColumn(
        filter,
        judgeFlag(filter.value, world.valueOf, (value) => value === null),
      );
    case 'isEmpty':
      return onColumn(
        filter,
        judgeFlag(filter.value, world.valueOf, (value) => (value === null ? null : (value as unknown[]).length === 0)),
      );
    case 'relation':
      return prepareRelation(filter, table, world);
    case 'count': {
      const rows = relatedRows(filter, table, world);
      const judge = judgeOperator(filter.operator, filter.operand, INT, world.valueOf, bySize);
      return (row) => judge([...rows(row)].length);
    }
    default:
      return unreachable(filter);
  }
}

const INT = Object.freeze({ kind: 'scalar', name: 'Int' } as const);

function onColumn({ column }: { readonly column: string }, judge: Judge): PreparedFilter {
  return (row) => judge(row[column] ?? null);
}

function prepareRelation(
  filter: Extract<Filter, { kind: 'relation' }>,
  table: TableModel,
  world: FilterWorld,
): PreparedFilter {
  const rows = relatedRows(filter, table, world);
  const target = world.tableOf(table.relations.get(filter.relation)?.target ?? '');
  const part = prepareFilter(filter.filter, target, world);
  switch (filter.quantifier) {
    case 'every':
      return (row) => allVerdicts(rows(row), part);
    case 'none':
      return (row) => notVerdict(anyVerdict(rows(row), part));
    default:
      return (row) => anyVerdict(rows(row), part);
  }
}

/** The related rows that count. */
function relatedRows(filter: Extract<Filter, { kind: 'relation' | 'count' }>, table: TableModel, world: FilterWorld) {
  const relation = table.relations.get(filter.relation);
  if (!relation) throw new Error(`no relation ${table.name}.${filter.relation} in the model`);
  const counts = prepareFilter(filter.rows, world.tableOf(relation.target), world);
  const through = relation.link?.table;
  const leads = through ? prepareFilter(filter.linkRows, world.tableOf(through), world) : null;
  return function* (row: Row): Generator<Row> {
    for (const { row: other, links } of world.related(table, row, filter.relation)) {
      const linked = leads === null || links.some((link) => leads(link) === true);
      if (linked && counts(other) === true) yield other;
    }
  };
}
