// New rows with all that they nest, put in an order in which they can be written: a stage is a number, and what a row points
// at has a lower one. Everything of one kind in a stage is one statement, however many rows it is about.

import { decideColumn, decideTable } from '../../access/decide.ts';
import type { FieldProblem } from '../../platform/errors.ts';
import { columnOf, type Relation, type TableModel, tableOf } from '../../tables/model.ts';
import { mayFollow } from '../guard-filter.ts';
import { unknownField } from '../readable-rows.ts';
import type { Request } from '../value-source.ts';
import { mayNot, tooManyRows, violation } from './refusals.ts';
import type { InputPath, KeyInput, RelatedInput, RowInput } from './row-input.ts';
import { columnsOf, givenValue, type NewRow, newRow, problemsOf } from './row-values.ts';
import type { Writer } from './writer.ts';

/** Rows that are there, named by keys: each is found before anything is written. */
export interface NamedRow {
  readonly key: KeyInput;
  readonly relation: Relation;
  readonly target: TableModel;
  readonly values: readonly unknown[];
  id: string | null;
}

/** Rows that are there come to belong to a new one. */
export interface Adoption {
  readonly relation: Relation;
  readonly target: TableModel;
  readonly owner: NewRow;
  readonly child: NamedRow;
}

/** A pair of a table between. */
export interface Pair {
  readonly relation: Relation;
  readonly owner: NewRow;
  readonly other: NewRow | NamedRow;
}

export interface Stage {
  readonly inserts: Map<TableModel, NewRow[]>;
  readonly adoptions: Adoption[];
  readonly pairs: Pair[];
}

/** A key of a new row that names a row which is there. */
interface Pointer {
  readonly row: NewRow;
  /** Its place among the cells. */
  readonly cell: number;
  readonly named: NamedRow;
}

export interface Layout {
  readonly roots: readonly NewRow[];
  readonly named: readonly NamedRow[];
  readonly pointers: readonly Pointer[];
  /** In the order in which they are written. */
  readonly stages: readonly Stage[];
}

/** Lays rows out. Throws CONSTRAINT_VIOLATION with everything that is wrong with their values, and FORBIDDEN. */
export function layOutRows(writer: Writer, inputs: readonly RowInput[], request: Request): Layout {
  const problems: FieldProblem[] = [];
  const named: NamedRow[] = [];
  const pointers: Pointer[] = [];
  const stages = new Map<number, Stage>();
  const all: NewRow[] = [];

  const stageAt = (at: number): Stage => {
    const stage = stages.get(at) ?? { inserts: new Map(), adoptions: [], pairs: [] };
    stages.set(at, stage);
    return stage;
  };

  const name = (key: KeyInput, { relation, target }: RelatedInput): NamedRow => {
    const values = key.columns.map((column, at) =>
      givenValue(column, { value: key.values[at], path: key.path }, problems),
    );
    const row: NamedRow = { key, relation, target, values, id: null };
    named.push(row);
    return row;
  };

  const place = (input: RowInput, at: number, filling?: (row: NewRow) => void): NewRow => {
    if (!decideTable(writer.caller, input.table, 'INSERT')) throw mayNot('insert into', input.table);
    const row = newRow(writer, input, request, problems);
    all.push(row);
    if (all.length > writer.maxRows) throw tooManyRows(input.table, writer.maxRows, all.length, input.path);
    filling?.(row);
    const { inserts } = stageAt(at);
    const beside = inserts.get(input.table);
    if (beside) beside.push(row);
    else inserts.set(input.table, [row]);
    for (const related of input.related) relate(row, related, at);
    return row;
  };

  const relate = (row: NewRow, related: RelatedInput, at: number): void => {
    const { relation, path, connect, insert } = related;
    if (relation.kind !== 'belongsTo' && !mayConnect(writer, row.input.table, related)) {
      throw unknownField(row.input.table, relation.name);
    }
    const count = connect.length + insert.length;
    if (relation.kind === 'belongsTo' || relation.kind === 'hasOne') {
      if (count !== 1) problems.push({ path, message: `takes one ${relation.target}, and has ${count}` });
      if (count !== 1) return;
    }
    switch (relation.kind) {
      case 'belongsTo':
        return pointAt(row, related, at);
      case 'hasMany':
      case 'hasOne': {
        for (const child of insert) place(child, at + 1, (made) => fill(made, relation.column, row.id, problems));
        const adopted = connect.map((key) => name(key, related));
        stageAt(at + 1).adoptions.push(
          ...adopted.map((child) => ({ relation, target: related.target, owner: row, child })),
        );
        return;
      }
      case 'manyToMany': {
        const others = [...connect.map((key) => name(key, related)), ...insert.map((child) => place(child, at + 1))];
        return between(row, related, others, at + 2);
      }
    }
  };

  /** The row's own key of another row: one that is there, or one that is written before. */
  const pointAt = (row: NewRow, related: RelatedInput, at: number): void => {
    const { relation, path, connect, insert } = related;
    const [key] = connect;
    const column = columnOf(row.input.table, relation.column);
    if (!decideColumn(writer.caller, column, 'INSERT')) throw unknownField(row.input.table, relation.name);
    if (row.input.cells.has(column)) problems.push({ path, message: `is given twice: leave out ${column.name}` });
    const [child] = insert;
    const target = child ? place(child, at - 1) : null;
    if (target) return setKey(row, relation.column, target.id);
    if (!key) return;
    row.references.add(relation.name);
    row.filled.add(relation.name);
    pointers.push({ row, cell: columnsOf(row.input.table).indexOf(column), named: name(key, related) });
  };

  /** Pairs of the table between; where that is a table of the model, its rows are written like any others. */
  const between = (
    row: NewRow,
    { relation, path }: RelatedInput,
    others: readonly (NewRow | NamedRow)[],
    at: number,
  ) => {
    const { link } = relation;
    if (!link?.table) {
      stageAt(at).pairs.push(...others.map((other) => ({ relation, owner: row, other })));
      return;
    }
    const table = tableOf(writer.model, link.table);
    const ownerKey = columnBySqlName(table, link.ownerColumn);
    const targetKey = columnBySqlName(table, link.targetColumn);
    for (const other of others) {
      const pair = place({ table, path, cells: new Map(), related: [] }, at);
      setKey(pair, ownerKey.name, row.id);
      if ('key' in other) {
        if (targetKey.relation !== null) pair.filled.add(targetKey.relation);
        pointers.push({ row: pair, cell: columnsOf(table).indexOf(targetKey), named: other });
      } else setKey(pair, targetKey.name, other.id);
    }
  };

  const roots = inputs.map((input) => place(input, 0));
  problems.push(...all.flatMap(problemsOf));
  if (problems.length > 0) throw violation(problems);
  return { roots, named, pointers, stages: [...stages].sort(([a], [b]) => a - b).map(([, stage]) => stage) };
}

/** Fills in the ids of named rows, once they are found. */
export function fillInNamed({ pointers }: Layout): void {
  for (const { row, cell, named } of pointers) row.cells[cell] = named.id;
}

/** Gives a nested row the key of the one that it is nested in. */
function fill(row: NewRow, columnName: string, id: string, problems: FieldProblem[]): void {
  const { table, cells, related } = row.input;
  const column = columnOf(table, columnName);
  const given = cells.get(column)?.path ?? related.find(({ relation }) => relation.name === column.relation)?.path;
  if (given) problems.push({ path: given, message: 'is set by the row that it is nested in: leave it out' });
  setKey(row, columnName, id);
}

/** Gives a row the key of another one that is written by the same operation. */
function setKey(row: NewRow, columnName: string, id: string): void {
  const column = columnOf(row.input.table, columnName);
  if (column.relation !== null) row.filled.add(column.relation);
  row.cells[columnsOf(row.input.table).indexOf(column)] = id;
}

/** Whether rows may be tied through a relation: seen on both sides, and the key that ties them set. */
function mayConnect(
  { model, caller }: Writer,
  table: TableModel,
  { relation, target, connect }: RelatedInput,
): boolean {
  if (relation.kind === 'manyToMany') return decideTable(caller, target, 'READ') !== null || connect.length === 0;
  if (connect.length > 0) {
    if (!decideTable(caller, target, 'UPDATE')) throw mayNot('update', target);
    if (!mayFollow(model, caller, table, relation)) return false;
    return decideColumn(caller, columnOf(target, relation.column), 'UPDATE');
  }
  return decideColumn(caller, columnOf(target, relation.column), 'INSERT');
}

function columnBySqlName(table: TableModel, sqlName: string) {
  const column = [...table.columns.values()].find((one) => one.sqlName === sqlName);
  if (!column) throw new Error(`no column ${sqlName} in ${table.name}`);
  return column;
}

/** Where a value stands, or the row. */
export function pathOf({ input }: NewRow, relation: Relation): InputPath {
  const column = columnOf(input.table, relation.column);
  const related = input.related.find((one) => one.relation.name === relation.name);
  return input.cells.get(column)?.path ?? related?.path ?? [...input.path, relation.name];
}
