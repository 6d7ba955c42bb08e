// Laying out new rows with all that they nest: each gets its values and its id, and a stage after that of the rows it points
// at. What the caller may not nest is refused here, and everything that is wrong with values is told at once.

import { decideTable } from '../../access/decide.ts';
import type { FieldProblem } from '../../platform/errors.ts';
import { columnOf, type Relation, tableOf } from '../../tables/model.ts';
import { unknownField } from '../readable-rows.ts';
import type { Request } from '../value-source.ts';
import type { Layout, NamedRow, Pointer, Stage } from './layout.ts';
import { linkKeys, mayConnect, mayNestNew } from './may-nest.ts';
import { mayNot, tooManyRows, violation } from './refusals.ts';
import type { InputPath, KeyInput, RelatedInput, RowInput } from './row-input.ts';
import { columnsOf, givenValue, type NewRow, newRow, problemsOf } from './row-values.ts';
import type { Writer } from './writer.ts';

/** Lays rows out. Throws CONSTRAINT_VIOLATION with everything that is wrong with their values, and FORBIDDEN. */
export function layOutRows(writer: Writer, inputs: readonly RowInput[], request: Request): Layout {
  return new RowLayout(writer, request).layOut(inputs);
}

class RowLayout {
  readonly #rows: NewRow[] = [];
  readonly #named: NamedRow[] = [];
  readonly #pointers: Pointer[] = [];
  readonly #stages = new Map<number, Stage>();
  readonly #problems: FieldProblem[] = [];

  constructor(
    private readonly writer: Writer,
    private readonly request: Request,
  ) {}

  layOut(inputs: readonly RowInput[]): Layout {
    const roots = inputs.map((input) => this.#place(input, 0));
    const problems = [...this.#problems, ...this.#rows.flatMap(problemsOf)];
    if (problems.length > 0) throw violation(problems);
    const stages = [...this.#stages].sort(([a], [b]) => a - b).map(([, stage]) => stage);
    return { roots, named: this.#named, pointers: this.#pointers, stages };
  }

  /** A new row at a stage. `parent` is the key that it gets of the row around it. */
  #place(input: RowInput, at: number, parent?: { readonly column: string; readonly id: string }): NewRow {
    const { table, path } = input;
    if (!decideTable(this.writer.caller, table, 'INSERT')) throw mayNot('insert into', table);
    const row = newRow(this.writer, input, this.request, this.#problems);
    const count = this.#rows.push(row);
    if (count > this.writer.maxRows) throw tooManyRows(table, this.writer.maxRows, count, path);
    if (parent) this.#setParent(row, parent.column, parent.id);
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
      this.#problems.push({ path, message: `takes one ${relation.target}, and has ${count}` });
    } else if (relation.kind === 'belongsTo') {
      this.#pointAt(row, related, at);
    } else if (relation.kind === 'manyToMany') {
      const others = [
        ...connect.map((key) => this.#name(key, related)),
        ...insert.map((child) => this.#place(child, at + 1)),
      ];
      this.#pair(row, related, others, at + 2);
    } else {
      for (const child of insert) this.#place(child, at + 1, { column: relation.column, id: row.id });
      const adopted = connect.map((key) => ({ relation, target, owner: row, child: this.#name(key, related) }));
      this.#stage(at + 1).adoptions.push(...adopted);
    }
  }

  /** The row's own key of another row: one that is there, or one that is written before. */
  #pointAt(row: NewRow, related: RelatedInput, at: number): void {
    const { relation, path, connect, insert } = related;
    const { table, cells } = row.input;
    const column = columnOf(table, relation.column);
    if (cells.has(column)) this.#problems.push({ path, message: `is given twice: leave out ${column.name}` });
    row.filled.add(relation.name);
    for (const child of insert) setKey(row, relation.column, this.#place(child, at - 1).id);
    for (const key of connect) {
      row.references.add(relation.name);
      this.#pointers.push({ row, cell: columnsOf(table).indexOf(column), named: this.#name(key, related) });
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
      const pair = this.#place({ table, path, cells: new Map(), related: [] }, at);
      setKey(pair, owner.name, row.id);
      if ('key' in other) {
        if (target.relation !== null) pair.filled.add(target.relation);
        this.#pointers.push({ row: pair, cell: columnsOf(table).indexOf(target), named: other });
      } else setKey(pair, target.name, other.id);
    }
  }

  #name(key: KeyInput, { relation, target }: RelatedInput): NamedRow {
    const values = key.columns.map((column, at) =>
      givenValue(column, { value: key.values[at], path: key.path }, this.#problems),
    );
    const row: NamedRow = { key, relation, target, values, id: null };
    this.#named.push(row);
    return row;
  }

  /** A nested row belongs to the one around it, and may not say so itself. */
  #setParent(row: NewRow, columnName: string, id: string): void {
    const { table, cells, related } = row.input;
    const column = columnOf(table, columnName);
    const given = cells.get(column)?.path ?? related.find(({ relation }) => relation.name === column.relation)?.path;
    if (given) this.#problems.push({ path: given, message: 'is set by the row around it: leave it out' });
    setKey(row, columnName, id);
  }

  #stage(at: number): Stage {
    const stage = this.#stages.get(at) ?? { inserts: new Map(), adoptions: [], pairs: [] };
    this.#stages.set(at, stage);
    return stage;
  }
}

/** Gives a row the key of another one that is written by the same operation. */
function setKey(row: NewRow, columnName: string, id: string): void {
  const column = columnOf(row.input.table, columnName);
  if (column.relation !== null) row.filled.add(column.relation);
  row.cells[columnsOf(row.input.table).indexOf(column)] = id;
}

/** Where the client wrote the key of a relation. */
export function pathOf({ input }: NewRow, relation: Relation): InputPath {
  const column = columnOf(input.table, relation.column);
  const related = input.related.find((one) => one.relation.name === relation.name);
  return input.cells.get(column)?.path ?? related?.path ?? [...input.path, relation.name];
}
