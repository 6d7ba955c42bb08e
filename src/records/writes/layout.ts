// New rows in an order in which they can be written: a stage is written after those before it, and what a row points at is in
// an earlier one. Everything of one kind in a stage is one statement, however many rows it is about.

import type { Relation, TableModel } from '../../tables/model.ts';
import type { KeyInput } from './row-input.ts';
import type { NewRow } from './row-values.ts';

/** A row that is there, named by a key: it is found before anything is written. */
export interface NamedRow {
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
  readonly named: readonly NamedRow[];
  readonly pointers: readonly Pointer[];
  /** In the order in which they are written. */
  readonly stages: readonly Stage[];
}

/** Fills in the ids of named rows, once they are found. */
export function fillInNamed({ pointers }: Layout): void {
  for (const { row, cell, named } of pointers) row.cells[cell] = named.id;
}
