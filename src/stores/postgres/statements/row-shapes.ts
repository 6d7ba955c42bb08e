// The shapes of rows that statements make. A server remembers the names and types of each as long as the connection lives,
// whatever becomes of the statement, and clients choose the names: they are bounded like the names of statements.

/** One column of a row. Columns of equal types are of one type in the server too. */
export interface RowColumn {
  readonly key: string;
  readonly type: string;
}

/** Columns of all shapes together: 150 to 170 bytes each in a server's process, measured, so that a connection has some 8 MB. */
export const MOST_SHAPED_COLUMNS = 50_000;

/** The shapes that the connections of a pool may be asked for. */
export class RowShapes {
  readonly #known = new Set<string>();
  #room: number;

  constructor(columns = MOST_SHAPED_COLUMNS) {
    this.#room = columns;
  }

  /** Whether a statement may make rows with the columns. What was allowed once always is. */
  admit(columns: readonly RowColumn[]): boolean {
    const shape = JSON.stringify(columns.map(({ key, type }) => [key, type]));
    if (this.#known.has(shape)) return true;
    if (columns.length > this.#room) return false;
    this.#room -= columns.length;
    this.#known.add(shape);
    return true;
  }
}
