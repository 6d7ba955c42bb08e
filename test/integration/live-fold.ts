// What a client makes of the changes that it is told: a map of rows. It finds whatever a feed can do wrong, since an event
// that is lost, told twice or out of its order does not fit what is held.

import { isDeepStrictEqual } from 'node:util';

export type Row = Readonly<Record<string, unknown>>;

export interface ChangeEvent {
  readonly op: 'SNAPSHOT' | 'ENTER' | 'UPDATE' | 'LEAVE' | 'DELETE';
  readonly id: string;
  readonly cursor: string;
  readonly node: Row | null;
  readonly previous?: Row | null;
  readonly changedFields?: readonly string[];
}

export interface Batch {
  readonly cursor: string;
  readonly reset: boolean;
  readonly events: readonly ChangeEvent[];
}

/** Counts by names. */
export type Counts = Map<string, number>;

export function count(counts: Counts, name: string, more = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}

export interface FoldOptions {
  /** Is told of everything that is wrong: a name for its kind, and what it was. */
  readonly wrong: (kind: string, what: unknown) => void;
  /** How often each operation was told. */
  readonly told: Counts;
}

export class Fold {
  /** What is held. Null: the row was gone before its relations could be read. */
  readonly rows = new Map<string, Row | null>();
  /** Where to go on; null: at the beginning. */
  cursor: string | null = null;
  readonly #seen = new Set<string>();
  readonly #wrong: FoldOptions['wrong'];
  readonly #told: Counts;

  constructor({ wrong, told }: FoldOptions) {
    this.#wrong = wrong;
    this.#told = told;
  }

  /** Takes a batch, or its first events alone, as a client does that is cut off in the middle of its work. */
  take({ cursor, reset, events }: Batch, most = events.length): void {
    if (reset) {
      this.#wrong('reset', { cursor: this.cursor });
      this.rows.clear();
      this.#seen.clear();
    }
    for (const event of events.slice(0, most)) this.#apply(event);
    this.cursor = most < events.length ? (events[most - 1]?.cursor ?? this.cursor) : cursor;
  }

  /** Holds what is held against what a query answered, by the columns that the query asked for. */
  compare(answered: readonly Row[], columns: readonly string[]): void {
    const wanted = new Map(answered.map((row) => [String(row['id']), row]));
    for (const [id, row] of wanted) {
      const held = this.rows.get(id);
      if (held === undefined) this.#wrong('gap: a row is missing at the end', { id });
      else if (!isDeepStrictEqual(pick(held, columns), pick(row, columns)))
        this.#wrong('gap: a row is not as it is at the end', { id, held: pick(held, columns), is: pick(row, columns) });
    }
    for (const id of this.rows.keys()) if (!wanted.has(id)) this.#wrong('gap: a row is held that is gone', { id });
  }

  #apply(event: ChangeEvent): void {
    const { op, id, cursor, node, previous } = event;
    count(this.#told, op);
    const name = `${cursor} ${op} ${id}`;
    if (this.#seen.has(name)) this.#wrong('duplicate: the same event', event);
    this.#seen.add(name);
    const held = this.rows.get(id);
    const isNew = op === 'ENTER' || op === 'SNAPSHOT';
    if (isNew !== (held === undefined))
      this.#wrong(isNew ? `duplicate: ${op} of a row that is held` : `gap: ${op} of a row that is not held`, event);
    if (held && previous && !isDeepStrictEqual(pick(held, Object.keys(previous)), previous))
      this.#wrong(`gap: what was before ${op} is not what is held`, { event, held });
    if (held && node && Number(node['n']) < Number(held['n'])) this.#wrong('order: a row went back', { event, held });
    if (op === 'UPDATE' && previous === null) this.#wrong('form: UPDATE without what was before', event);
    if (op === 'LEAVE' || op === 'DELETE') this.rows.delete(id);
    else this.rows.set(id, node);
  }
}

function pick(row: Row | null, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row?.[column]]));
}
