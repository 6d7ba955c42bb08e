// Groups of rows as JSON. The rows are grouped in a subquery that computes what is asked, once each; around it `having`
// chooses among the groups as a filter chooses among rows, and they are put in order and written out.

import type { AggregateField, AggregateSelection } from '../../../records/aggregate-plan.ts';
import type { Filter } from '../../../tables/filter.ts';
import {
  type GroupKey,
  groupsTable,
  type Measure,
  measureColumn,
  measureName,
  measuresOf,
} from '../../../tables/measures.ts';
import type { Column, TableModel } from '../../../tables/model.ts';
import { type Compilation, columnRef, quoteName, quoteText, tableName } from '../sql-text.ts';
import { compileValue } from './column-json.ts';
import { compileFilter } from './compile-filter.ts';
import { compileGroupKey, compileGroupOrder, compileMeasure, compileSharedValue } from './compile-measure.ts';
import { MAX_GROUPS, TOO_MANY_GROUPS } from './group-limit.ts';
import { jsonObject } from './json-object.ts';
import { compileMembership, type Owner, where } from './ordered-rows.ts';

/** A subquery whose value is the JSON array of the groups. */
export function compileAggregate(selection: AggregateSelection, owner: Owner | undefined, to: Compilation): string {
  const { table, groupBy, having } = selection;
  const rows = to.aliases.next();
  const groups = new Groups(groupBy, rows, to.aliases.next());
  const object = compileFields(selection.fields, groups);
  const chosen = compileFilter(having, groupsTable(table, groups.columnsOf(table, having)), groups.alias, to);
  const counted = compileMembership({ table, rows: selection.rows, owner }, rows, to);
  const by = groupBy.length > 0 ? ` GROUP BY ${groupBy.map((_, at) => at + 1).join(', ')}` : '';
  const grouped = `SELECT ${groups.list()} FROM ${tableName(table)} ${rows}${where(counted)}${by}`;
  const item = `SELECT ${object} AS item FROM (${grouped}) ${groups.alias}${chosen === 'TRUE' ? '' : where([chosen])}`;
  const listed = to.aliases.next();
  const array = `coalesce(json_agg(${listed}.item), '[]')`;
  if (groupBy.length === 0) return `(SELECT ${array} FROM (${item}) ${listed})`;
  const order = groupBy.map((key) => compileGroupOrder(key, groups.keyRef(key))).join(', ');
  return `(SELECT CASE WHEN count(*) > ${MAX_GROUPS} THEN ${TOO_MANY_GROUPS} ELSE ${array} END FROM (${item} ORDER BY ${order} LIMIT ${MAX_GROUPS + 1}) ${listed})`;
}

function compileFields(fields: readonly AggregateField[], groups: Groups): string {
  return jsonObject(fields.map((field) => ({ key: field.key, value: compileField(field, groups) })));
}

function compileField(field: AggregateField, groups: Groups): string {
  switch (field.kind) {
    case 'constant':
      return `${quoteText(field.value)}::text`;
    case 'object':
      return compileFields(field.fields, groups);
    case 'measure': {
      const column = groups.columnOf(field.measure);
      return compileValue(column.type, columnRef(groups.alias, column));
    }
    case 'groupKey': {
      const { groupKey } = field;
      if (!groups.has(groupKey)) return 'NULL';
      return compileValue(groupKey.type, compileSharedValue(groupKey, groups.keyRef(groupKey)));
    }
  }
}

/** The subquery of groups: its keys in front, `k1`, `k2` ..., then what is computed, `m1` ..., each once. */
class Groups {
  readonly #keys: readonly string[];
  readonly #measures = new Map<string, { readonly column: Column; readonly sql: string }>();

  constructor(
    private readonly keys: readonly GroupKey[],
    private readonly rows: string,
    readonly alias: string,
  ) {
    this.#keys = keys.map(({ name }) => name);
  }

  has({ name }: GroupKey): boolean {
    return this.#keys.includes(name);
  }

  keyRef({ name }: GroupKey): string {
    return `${this.alias}.k${this.#keys.indexOf(name) + 1}`;
  }

  /** A measure as a column of the groups; it is computed from now on. */
  columnOf(measure: Measure): Column {
    const name = measureName(measure);
    const known = this.#measures.get(name);
    if (known) return known.column;
    const column = measureColumn(measure, `m${this.#measures.size + 1}`);
    this.#measures.set(name, { column, sql: compileMeasure(measure, this.rows) });
    return column;
  }

  /** The columns that a filter over the groups mentions. */
  columnsOf(table: TableModel, filter: Filter): Column[] {
    const mentioned = mentionedColumns(filter);
    return measuresOf(table)
      .filter((measure) => mentioned.has(measureName(measure)))
      .map((measure) => this.columnOf(measure));
  }

  list(): string {
    const keys = this.keys.map((key, at) => `${compileGroupKey(key, this.rows)} AS k${at + 1}`);
    const measures = [...this.#measures.values()].map(({ column, sql }) => `${sql} AS ${quoteName(column.sqlName)}`);
    // Without a key and without an aggregate each row would be a group.
    return [...keys, ...measures].join(', ') || 'count(*)';
  }
}

function mentionedColumns(filter: Filter): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: Filter): void => {
    if ('parts' in part) part.parts.forEach(visit);
    else if ('part' in part) visit(part.part);
    else if ('column' in part) names.add(part.column);
  };
  visit(filter);
  return names;
}
