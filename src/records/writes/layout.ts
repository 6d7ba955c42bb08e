// New rows in an order in which they can be written: a stage is written after those before it, and what a row points at is in
// an earlier one. Everything of one kind in a stage is one statement, however many rows it is about.

import type { FieldProblem } from '../../platform/errors.ts';
import type { Relation, TableModel } from '../../tables/model.ts';
import type { KeyInput } from './row-input.ts';
import type { NewRow } from './row-values.ts';

/** A row that is there, named by a key: it is found before anything is written. */
export interface NamedRow {
  /** As of the row that names it. */
  readonly root: number;
  readonly key: KeyInput;
  readonly relation: Relation;
  readonly target: TableModel;
  /** In the order of the key's columns. */
  readonly values: readonly unknown[];
  id: string | null;
}

/** A row that is there comes to belong to a new one. */
export interface Adoption {
  readonly relation: Relation;
  readonly target: TableModel;
  readonly owner: NewRow;
  readonly child: NamedRow;
}

/** A pair of a table between that is none of the model. */
export interface Pair {
  readonly relation: Relation;
  readonly owner: NewRow;
  readonly other: NewRow | NamedRow;
}

/** A key of a new row that names a row which is there. */
export interface Pointer {
  readonly row: NewRow;
  /** Its place among the cells. */
  readonly cell: number;
  readonly named: NamedRow;
}

export interface Stage {
  readonly inserts: Map<TableModel, NewRow[]>;
  readonly adoptions: Adoption[];
  readonly pairs: Pair[];
}

export interface Layout {
  readonly roots: readonly NewRow[];
  /** All of them, with what they nest. */
  readonly rows: readonly NewRow[];
  readonly named: readonly NamedRow[];
  readonly pointers: readonly Pointer[];
  /** In the order in which they are written. */
  readonly stages: readonly Stage[];
}

/** Whether it is new rows of one table, and nothing else. */
export function isPlain({ stages, named }: Layout): boolean {
  const [first] = stages;
  if (stages.length > 1 || named.length > 0 || !first) return stages.length === 0;
  return first.inserts.size === 1 && first.adoptions.length + first.pairs.length === 0;
}

/** The places of its roots. */
export function rootsOf({ roots }: Layout): ReadonlySet<number> {
  return new Set(roots.map(({ root }) => root));
}

/** What is wrong with the values of its rows. */
export function problemsOfLayout({ rows }: Layout): readonly FieldProblem[] {
  return rows.flatMap(({ problems, conflicts }) => [...problems, ...conflicts]);
}

/** Fills in the ids of named rows, once they are found. */
export function fillInNamed({ pointers }: Layout): void {
  for (const { row, cell, named } of pointers) row.cells[cell] = named.id;
}
