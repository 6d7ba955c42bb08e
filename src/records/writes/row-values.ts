// The values of a new row: what the client gave, presets, defaults, and a new id. What is wrong with them is gathered, each at
// the place where the client wrote it.

import { decideColumn } from '../../access/decide.ts';
import type { FieldProblem } from '../../platform/errors.ts';
import { toColumnValue, ValueProblem } from '../../tables/column-value.ts';
import type { Column, TableModel } from '../../tables/model.ts';
import { checkValues } from '../check-values.ts';
import { unknownField } from '../readable-rows.ts';
import { bindSlot, type Request } from '../value-source.ts';
import type { RowInput } from './row-input.ts';
import type { Writer } from './writer.ts';

/** A new row, laid out. A key that another row of the same write brings is filled in by whoever knows it. */
export interface NewRow {
  readonly input: RowInput;
  /** The place among the rows of the write of the one that it is, or is nested in. */
  readonly root: number;
  id: string;
  /** One for each of `columnsOf`. */
  readonly cells: unknown[];
  /** The relations whose rows the client named, and must be able to read. */
  readonly references: Set<string>;
  /** Relations that the write itself fills in: their keys need not be given. */
  readonly filled: Set<string>;
  /** New rows of the same write whose keys it holds. */
  readonly needs: NewRow[];
  /** What is wrong with what was given for it. */
  readonly problems: FieldProblem[];
  /** What it has in common with a row of the same write that goes first. */
  readonly conflicts: FieldProblem[];
}

const COLUMNS = new WeakMap<TableModel, readonly Column[]>();

/** The columns that an insert writes: all that are not the database's own. */
export function columnsOf(table: TableModel): readonly Column[] {
  const known = COLUMNS.get(table);
  if (known) return known;
  const columns = [...table.columns.values()].filter(({ system }) => !system);
  COLUMNS.set(table, columns);
  return columns;
}

/** The values of a row as the client gave them, completed. Throws for a column that the class may not set. */
export function newRow({ caller }: Writer, input: RowInput, root: number, request: Request): NewRow {
  const { table } = input;
  const references = new Set<string>();
  const problems: FieldProblem[] = [];
  const cells = columnsOf(table).map((column) => {
    const given = input.cells.get(column);
    if (!given) return suppliedValue(column, request);
    if (!decideColumn(caller, column, 'INSERT')) throw unknownField(table, column.name);
    if (column.relation !== null) references.add(column.relation);
    return givenValue(column, given, problems);
  });
  const id = String(cells[columnsOf(table).findIndex(({ name }) => name === 'id')]);
  return { input, root, id, cells, references, filled: new Set(), needs: [], problems, conflicts: [] };
}

/** The inner form of a value; undefined, with what is wrong told, for one that has none. */
export function givenValue(
  { type, list }: Column,
  { value, path }: { readonly value: unknown; readonly path: FieldProblem['path'] },
  problems: FieldProblem[],
): unknown {
  if (value === null || value === undefined) return null;
  const accept = (item: unknown, at: FieldProblem['path']) => {
    try {
      return toColumnValue(type, item);
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
      problems.push({ path: at, message: error.message });
      return undefined;
    }
  };
  if (!list) return accept(value, path);
  const items = (Array.isArray(value) ? value : [value]).map((item, at) => accept(item, [...path, at]));
  return items.includes(undefined) ? undefined : items;
}

/** The value that the service gives a column of a new row. */
function suppliedValue(column: Column, request: Request): unknown {
  const { preset, type, list } = column;
  if (preset?.operations.includes('INSERT')) {
    if (preset.value.kind === 'value') return preset.value.value;
    return bindSlot({ source: { from: 'caller', path: preset.value.path }, type, list }, request);
  }
  if (column.name === 'id') return request.newId();
  return column.defaultValue ?? null;
}

/** What is wrong with the values of a row that is complete. */
export function problemsOf({ input, cells, filled }: NewRow): FieldProblem[] {
  return checkValues(
    columnsOf(input.table).flatMap((column, at) => {
      // What was given and could not be read is told already, and what the write fills in is right.
      if (cells[at] === undefined || (column.relation !== null && filled.has(column.relation))) return [];
      const path = input.cells.get(column)?.path ?? [...input.path, column.name];
      return [{ column, value: cells[at], path, whenMissing: whenMissing(column) }];
    }),
  );
}

/** The words for a required value that is not there. */
export function whenMissing({ preset }: Column): string {
  return preset?.value.kind === 'caller'
    ? `is taken from $user.${preset.value.path.join('.')}, which you do not have`
    : 'is required';
}
