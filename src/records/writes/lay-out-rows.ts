// Laying out new rows with all that they nest: each gets its values and its id, and a stage after that of the rows it points
// at. What the caller may not nest is refused here, and everything that is wrong with values is told at once.

import { decideTable } from '../../access/decide.ts';
import { type Column, columnOf, type TableModel, tableOf } from '../../tables/model.ts';
import { unknownField } from '../readable-rows.ts';
import type { Request } from '../value-source.ts';
import { scriptsAround } from './around.ts';
import type { Layout, NamedRow, Pointer, Stage } from './layout.ts';
import { linkKeys, mayConnect, mayNestNew } from './may-nest.ts';
import { hiddenReference, mayNot, takenId, tooManyRows } from './refusals.ts';
import type { InputPath, KeyInput, RelatedInput, RowInput } from './row-input.ts';
import { columnsOf, givenValue, type NewRow, newRow, problemsOf } from './row-values.ts';
import type { Writer } from './writer.ts';

/** Lays rows out; what is wrong with their values is in them. Throws for what the caller may not nest, or set at all. */
export function layOutRows(writer: Writer, inputs: readonly RowInput[], request: Request): Layout {
  return new RowLayout(writer, request).layOut(inputs);
}

class RowLayout {
  readonly #rows: NewRow[] = [];
  readonly #named: NamedRow[] = [];
  readonly #pointers: Pointer[] = [];
  readonly #stages = new Map<number, Stage>();
  /** Rows that are named by their ids. */
  readonly #connected: { row: NewRow; related: RelatedInput; key: KeyInput; id: unknown }[] = [];

  constructor(
    private readonly writer: Writer,
    private readonly request: Request,
  ) {}

  layOut(inputs: readonly RowInput[]): Layout {
    const roots = inputs.map((input, root) => this.#place(input, root, 0));
    // What a script is still to change is looked at after that.
    for (const row of this.#rows)
      if (!scriptsAround(this.writer, row.input.table, 'INSERT')) row.problems.push(...problemsOf(row));
    this.#checkIds();
    const stages = [...this.#stages].sort(([a], [b]) => a - b).map(([, stage]) => stage);
    return { roots, rows: this.#rows, named: this.#named, pointers: this.#pointers, stages };
  }

  /** Of rows with the same id, the first may be written. What is connected is there already, and none of these. */
  #checkIds(): void {
    const ids = new Map<TableModel, Set<string>>();
    for (const row of this.#rows) {
      const { table } = row.input;
      const known = ids.get(table) ?? new Set();
      ids.set(table, known);
      if (known.has(row.id)) row.conflicts.push(takenId(pathOfColumn(row, columnOf(table, 'id')), table));
      known.add(row.id);
    }
    for (const { row, related, key, id } of this.#connected) {
      if (ids.get(related.target)?.has(String(id))) row.problems.push(hiddenReference(key.path, related.relation));
    }
  }

  /** A new row at a stage. `parent` is the key that it gets of the row around it. */
  #place(
    input: RowInput,
    root: number,
    at: number,
    parent?: { readonly column: string; readonly row: NewRow },
  ): NewRow {
    const { table, path } = input;
    if (!decideTable(this.writer.caller, table, 'INSERT')) throw mayNot('insert into', table);
    const row = newRow(this.writer, input, root, this.request);
    const count = this.#rows.push(row);
    if (count > this.writer.maxRows) throw tooManyRows(table, this.writer.maxRows, count, path);
    if (parent) setParent(row, parent.column, parent.row);
    const { inserts } = this.#stage(at);
    const beside = inserts.get(table);
    if (beside) beside.push(row);
    else inserts.set(table, [row]);
    for (const related of input.related) this.#relate(row, related, at);
    return row;
  }

  #relate(row: NewRow, related: RelatedInput, at: number): void {
    const { relation, target, path, connect, insert } = related;
    const { table } = row.input;
    if (connect.length > 0 && !mayConnect(this.writer, table, relation)) throw unknownField(table, relation.name);
    if (insert.length > 0 && !mayNestNew(this.writer, table, relation)) throw unknownField(table, relation.name);
    const count = connect.length + insert.length;
    const one = relation.kind === 'belongsTo' || relation.kind === 'hasOne';
    if (one && count !== 1) {
      row.problems.push({ path, message: `takes one ${relation.target}, and has ${count}` });
    } else if (relation.kind === 'belongsTo') {
      this.#pointAt(row, related, at);
    } else if (relation.kind === 'manyToMany') {
      const others = [
        ...connect.map((key) => this.#name(row, key, related)),
        ...insert.map((child) => this.#place(child, row.root, at + 1)),
      ];
      this.#pair(row, related, others, at + 2);
    } else {
      for (const child of insert) this.#place(child, row.root, at + 1, { column: relation.column, row });
      const adopted = connect.map((key) => ({ relation, target, owner: row, child: this.#name(row, key, related) }));
      this.#stage(at + 1).adoptions.push(...adopted);
    }
  }

  /** The row's own key of another row: one that is there, or one that is written before. */
  #pointAt(row: NewRow, related: RelatedInput, at: number): void {
    const { relation, path, connect, insert } = related;
    const { table, cells } = row.input;
    const column = columnOf(table, relation.column);
    if (cells.has(column)) row.problems.push({ path, message: `is given twice: leave out ${column.name}` });
    row.filled.add(relation.name);
    for (const child of insert) setKey(row, relation.column, this.#place(child, row.root, at - 1));
    for (const key of connect) {
      row.references.add(relation.name);
      const cell = columnsOf(table).indexOf(column);
      // An id is the key itself: whether it names a row that counts is judged with the row, and nothing has to be found.
      if (key.columns[0]?.name === 'id') {
        row.cells[cell] = givenValue(column, { value: key.values[0], path: key.path }, row.problems);
        this.#connected.push({ row, related, key, id: row.cells[cell] });
      } else this.#pointers.push({ row, cell, named: this.#name(row, key, related) });
    }
  }

  /** Pairs of the table between. Where that is a table of the model, they are rows like any others. */
  #pair(row: NewRow, related: RelatedInput, others: readonly (NewRow | NamedRow)[], at: number): void {
    const { relation, path } = related;
    const { model } = this.writer;
    if (!relation.link?.table) {
      this.#stage(at).pairs.push(...others.map((other) => ({ relation, owner: row, other })));
      return;
    }
    const table = tableOf(model, relation.link.table);
    const { owner, target } = linkKeys(table, relation.link);
    for (const other of others) {
      const pair = this.#place({ table, path, cells: new Map(), related: [] }, row.root, at);
      setKey(pair, owner.name, row);
      if ('key' in other) {
        if (target.relation !== null) pair.filled.add(target.relation);
        this.#pointers.push({ row: pair, cell: columnsOf(table).indexOf(target), named: other });
      } else setKey(pair, target.name, other);
    }
  }

  #name({ root, problems }: NewRow, key: KeyInput, { relation, target }: RelatedInput): NamedRow {
    const values = key.columns.map((column, at) =>
      givenValue(column, { value: key.values[at], path: key.path }, problems),
    );
    const named: NamedRow = { root, key, relation, target, values, id: null };
    this.#named.push(named);
    return named;
  }

  #stage(at: number): Stage {
    const stage = this.#stages.get(at) ?? { inserts: new Map(), adoptions: [], pairs: [] };
    this.#stages.set(at, stage);
    return stage;
  }
}

/** A nested row belongs to the one around it, and may not say so itself. */
function setParent(row: NewRow, columnName: string, parent: NewRow): void {
  const { table, cells, related } = row.input;
  const column = columnOf(table, columnName);
  const given = cells.get(column)?.path ?? related.find(({ relation }) => relation.name === column.relation)?.path;
  if (given) row.problems.push({ path: given, message: 'is set by the row around it: leave it out' });
  setKey(row, columnName, parent);
}

/** Gives a row the key of another one that is written by the same operation. */
function setKey(row: NewRow, columnName: string, other: NewRow): void {
  const column = columnOf(row.input.table, columnName);
  if (column.relation !== null) row.filled.add(column.relation);
  row.cells[columnsOf(row.input.table).indexOf(column)] = other.id;
  row.needs.push(other);
}

/** Where the client wrote a value of a row; where it would have, of one that it left out. */
export function pathOfColumn({ input }: NewRow, column: Column): InputPath {
  const related = input.related.find(({ relation }) => relation.name === column.relation);
  const given = input.cells.get(column)?.path ?? related?.connect[0]?.path ?? related?.path;
  return given ?? [...input.path, column.name];
}
