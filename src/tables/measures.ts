// What can be computed over the rows of a table, and by what they can be grouped: which functions a column's type has, and
// of what type their results are. Who may have them computed is `records/aggregate-records.ts`.

import type { Column, ColumnType, ScalarName, TableModel } from './model.ts';
import { truncatedName } from './names.ts';

export const MEASURE_FUNCTIONS = ['sum', 'avg', 'min', 'max'] as const;
export type MeasureFunction = (typeof MEASURE_FUNCTIONS)[number];

/** One value for the rows of a group. Rows without a value in the column count only for `count`. */
export type Measure = { readonly function: 'count' } | { readonly function: MeasureFunction; readonly column: Column };

/** Results that hold every sum without rounding it: of 64 bits, a sum may need more. */
const SUMS: Partial<Record<ScalarName, ScalarName>> = {
  Int: 'BigInt',
  BigInt: 'Decimal',
  Float: 'Float',
  Decimal: 'Decimal',
};
const AVERAGES: typeof SUMS = { ...SUMS, Int: 'Decimal' };
/** Types whose order means something. */
const ORDERED: readonly string[] = [
  'String',
  'ID',
  'Int',
  'BigInt',
  'Float',
  'Decimal',
  'UUID',
  'DateTime',
  'Date',
  'Time',
];

/** The type of a function's result over a column; null when it has no meaning there. */
export function measuredType(name: MeasureFunction, { type, list }: Column): ColumnType | null {
  if (list) return null;
  if (name === 'min' || name === 'max') return type.kind === 'enum' || ORDERED.includes(type.name) ? type : null;
  const results: Readonly<Record<string, ScalarName>> = name === 'sum' ? SUMS : AVERAGES;
  const result = type.kind === 'scalar' && Object.hasOwn(results, type.name) ? results[type.name] : undefined;
  return result === undefined ? null : { kind: 'scalar', name: result };
}

/** The type of a measure's value. Programmer error for a function that the column does not have. */
export function measureType(measure: Measure): ColumnType {
  if (measure.function === 'count') return { kind: 'scalar', name: 'Int' };
  const type = measuredType(measure.function, measure.column);
  if (!type) throw new Error(`no ${measure.function} of ${measure.column.name}`);
  return type;
}

/** Names a measure among those of its table: `count`, `sum.position`. */
export function measureName(measure: Measure): string {
  return measure.function === 'count' ? 'count' : `${measure.function}.${measure.column.name}`;
}

/** What an instant or a day is cut down to. Weeks begin on Monday; all is in UTC. */
export type TimeUnit = 'hour' | 'day' | 'week' | 'month' | 'year';

/** What rows have in common: the value of a column, or the hour, day ... that it lies in. */
export interface GroupKey {
  /** The member of `group` that shows it: `dueAt`, `dueAtMonth`. */
  readonly name: string;
  readonly column: Column;
  readonly unit: TimeUnit | null;
  /** Of its value: the start of an hour is a DateTime, of the longer units a Date. */
  readonly type: ColumnType;
}

const UNITS: Partial<Record<ScalarName, readonly TimeUnit[]>> = {
  DateTime: ['hour', 'day', 'week', 'month', 'year'],
  Date: ['week', 'month', 'year'],
};
const UNGROUPED: readonly string[] = ['JSON', 'Bytes', 'Version'];

/** The keys by which a column groups rows; none for lists, JSON, Bytes, versions, and `id`, which no two rows share. */
export function groupKeysOf(column: Column): readonly GroupKey[] {
  const { type, list, name } = column;
  if (list || name === 'id' || (type.kind === 'scalar' && UNGROUPED.includes(type.name))) return [];
  const units = (type.kind === 'scalar' && type.name !== 'Version' && UNITS[type.name]) || [];
  return [
    { name, column, unit: null, type },
    ...units.map((unit): GroupKey => {
      const start = { kind: 'scalar', name: unit === 'hour' ? 'DateTime' : 'Date' } as const;
      return { name: truncatedName(name, unit), column, unit, type: start };
    }),
  ];
}

/** Every measure of a table. */
export function measuresOf(table: TableModel): readonly Measure[] {
  const columns = [...table.columns.values()];
  return [
    { function: 'count' },
    ...MEASURE_FUNCTIONS.flatMap((name) =>
      columns
        .filter((column) => measuredType(name, column) !== null)
        .map((column): Measure => ({ function: name, column })),
    ),
  ];
}

/** A measure as a column of the groups; whoever may read what it measures may read it. `sqlName` is where a store has it. */
export function measureColumn(measure: Measure, sqlName = ''): Column {
  return {
    name: measureName(measure),
    sqlName,
    description: null,
    type: measureType(measure),
    list: false,
    required: measure.function === 'count',
    defaultValue: undefined,
    preset: null,
    permissions: measure.function === 'count' ? null : measure.column.permissions,
    checks: { length: null, range: null, pattern: null },
    renamedFrom: null,
    relation: null,
    system: true,
  };
}

/** The groups of a table's rows as a table themselves, so that `having` is a filter like any other. */
export function groupsTable(table: TableModel, columns: readonly Column[]): TableModel {
  return { ...table, columns: new Map(columns.map((column) => [column.name, column])), relations: new Map() };
}
