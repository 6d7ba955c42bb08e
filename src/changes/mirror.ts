// The rows that are needed to judge changes by: those that relations lead to, as they were at one position of the log. They
// are read when somebody asks for them, undone to that position, and then follow the log change by change, so that a rule over
// related rows says at each change what it said then. What is let go is read anew.

import { rowName, rowsAsOf } from './as-of.ts';
import type { Change, Image } from './change.ts';
import type { Position } from './position.ts';
import type { RowReader } from './rows-as-of.ts';

/** What cannot be told any more: the log does not reach back, or something happened that it does not tell. */
export class MirrorLost extends Error {}

type Rows = Map<string, Image>;
/** The rows by the values of a column. */
type ByKey = Map<string, Rows>;

const NOTHING: readonly Image[] = [];
/** Rows that are kept before all are let go. */
const MOST_ROWS = 200_000;

export class Mirror {
  /** By table, then by column. */
  readonly #tables = new Map<string, Map<string, ByKey>>();
  readonly #missing = new Map<string, { table: string; column: string; keys: Set<string> }>();
  #rows = 0;

  constructor(
    private readonly reader: RowReader,
    private position: Position,
  ) {}

  /** The rows of which the column holds the key; none, and a note of it, when they have not been read. */
  get(table: string, column: string, key: string): Iterable<Image> {
    const rows = this.#tables.get(table)?.get(column)?.get(key);
    if (rows) return rows.values();
    const name = `${table}\n${column}`;
    const missing = this.#missing.get(name) ?? { table, column, keys: new Set() };
    missing.keys.add(key);
    this.#missing.set(name, missing);
    return NOTHING;
  }

  /** Does `work`, which must only look, until nothing that it asked for was missing. Throws MirrorLost. */
  async settle<T>(work: () => T): Promise<T> {
    for (;;) {
      const done = work();
      if (this.#missing.size === 0) return done;
      await this.#read();
    }
  }

  /** The next change of the log has happened. */
  apply({ table, before, after, position }: Change): void {
    this.position = position;
    for (const [column, byKey] of this.#tables.get(table) ?? []) {
      if (before) this.#rows -= Number(keyed(byKey, before, column)?.delete(rowName(before)) ?? false);
      const rows = after && keyed(byKey, after, column);
      if (!rows) continue;
      rows.set(rowName(after), after);
      this.#rows += 1;
    }
  }

  /** Everything up to the position has been applied. Lets go of what became too much. */
  arrive(position: Position): void {
    this.position = position;
    if (this.#rows > MOST_ROWS) this.forget();
  }

  /** Lets go of everything. */
  forget(): void {
    this.#tables.clear();
    this.#rows = 0;
  }

  async #read(): Promise<void> {
    const missing = [...this.#missing.values()];
    this.#missing.clear();
    for (const { table, column, keys } of missing) {
      const look = await this.reader.look(this.position, { table, column, keys: [...keys] });
      if (!look) throw new MirrorLost(`rows of ${table} cannot be told as they were`);
      const matches = (image: Image) => keys.has(image[column] ?? '') && image[column] !== null;
      const byKey = this.#column(table, column);
      for (const key of keys) byKey.set(key, new Map());
      for (const [name, image] of rowsAsOf(look, matches)) {
        keyed(byKey, image, column)?.set(name, image);
        this.#rows += 1;
      }
    }
  }

  #column(table: string, column: string): ByKey {
    const columns = this.#tables.get(table) ?? new Map<string, ByKey>();
    this.#tables.set(table, columns);
    const byKey = columns.get(column) ?? new Map<string, Rows>();
    columns.set(column, byKey);
    return byKey;
  }
}

function keyed(byKey: ByKey, image: Image, column: string): Rows | undefined {
  const key = image[column];
  return key === null || key === undefined ? undefined : byKey.get(key);
}
