// Keeping a list as it is now, out of the changes of its rows.

/** An answer of `todoItemChanges`, or of another table's changes. Ask for `cursor`, `reset` and events with `id` and `node`. */
export interface ChangeBatch<Row> {
  readonly cursor: string;
  readonly reset: boolean;
  readonly events: readonly { readonly id: string; readonly node: Row | null }[];
}

/** The rows by their ids, and where to go on. They belong together: who keeps one for tomorrow keeps the other. */
export interface Followed<Row> {
  readonly rows: ReadonlyMap<string, Row>;
  readonly cursor: string | null;
}

export const NOTHING: Followed<never> = { rows: new Map<string, never>(), cursor: null };

export function foldChanges<Row>(kept: Followed<Row>, { cursor, reset, events }: ChangeBatch<Row>): Followed<Row> {
  const rows = new Map(reset ? [] : kept.rows);
  for (const { id, node } of events) {
    if (node)
      rows.set(id, node); // SNAPSHOT, ENTER, UPDATE
    else rows.delete(id); // LEAVE, DELETE
  }
  return { rows, cursor };
}
