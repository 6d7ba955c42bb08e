// What a client gives a write: rows with the rows that they nest, each value with the place where it was written. The faces
// make these for every request; nothing of a plan depends on them.

import type { Column, Relation, TableModel } from '../../tables/model.ts';
import type { ValueSource } from '../value-source.ts';

/** Where the client wrote something: `['data', 0, 'list', 'connect', 'id']`. */
export type InputPath = readonly (string | number)[];

export interface GivenCell {
  /** As the transport had it: its type is checked here. Null is a value. */
  readonly value: unknown;
  readonly path: InputPath;
}

/** A new row. */
export interface RowInput {
  readonly table: TableModel;
  readonly path: InputPath;
  readonly cells: ReadonlyMap<Column, GivenCell>;
  readonly related: readonly RelatedInput[];
}

/** What a new row brings along through one of its relations: rows that are there, and new ones. */
export interface RelatedInput {
  readonly relation: Relation;
  readonly target: TableModel;
  readonly path: InputPath;
  readonly connect: readonly KeyInput[];
  readonly insert: readonly RowInput[];
}

/** A row that is there, by one of its keys. */
export interface KeyInput {
  readonly path: InputPath;
  readonly columns: readonly Column[];
  /** In the order of the columns. */
  readonly values: readonly unknown[];
}

/** A change of a column, as a document asks for it. */
export interface GivenChange {
  readonly column: Column;
  readonly how: 'set' | 'increment' | 'append';
  readonly source: ValueSource;
  readonly path: InputPath;
  /** Whether the service says so, or a script of the app, and not the client. */
  readonly byService?: boolean;
  /** The source is a list, with a value for each row that is changed. */
  readonly each?: boolean;
}
