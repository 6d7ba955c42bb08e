// All queries that are asked again: equal ones are one, and a change asks again only those whose answer it can touch.

import type { TablesRead } from '../records/read-tables.ts';
import type { Outlet } from './batch.ts';
import type { Change } from './change.ts';
import type { Feed } from './feed.ts';
import { LiveQuery } from './live-query.ts';

export interface LiveQuestion {
  /** Equal groups get equal answers. */
  readonly group: string;
  readonly run: () => Promise<Buffer>;
  readonly tables: TablesRead;
  /** Whether a change of one of these tables can touch the answer. Says yes rather than no. */
  readonly touches: (change: Change) => boolean;
}

export class LiveQueries {
  readonly #queries = new Map<string, { readonly query: LiveQuery; readonly end: () => void }>();

  constructor(private readonly feed: Feed) {}

  get size(): number {
    return this.#queries.size;
  }

  /** Registers before it returns. Returns its end. */
  ask(question: LiveQuestion, outlet: Outlet): () => void {
    const { query, end } = this.#queryOf(question);
    const leave = query.ask(outlet);
    return () => {
      leave();
      if (!query.isUnused || this.#queries.get(question.group)?.query !== query) return;
      this.#queries.delete(question.group);
      end();
    };
  }

  #queryOf({ group, run, tables, touches }: LiveQuestion) {
    const known = this.#queries.get(group);
    if (known) return known;
    const query = new LiveQuery({ run });
    const onChange = (change: Change) => {
      if (isRead(tables, change) && touches(change)) query.refresh();
    };
    const end = this.feed.listen([...tables.keys()], onChange, () => query.refresh());
    const made = { query, end };
    this.#queries.set(group, made);
    return made;
  }
}

/** Of an update, whether one of the columns that are read has another value. */
function isRead(tables: TablesRead, { table, kind, changed }: Change): boolean {
  if (kind !== 'UPDATE') return true;
  const columns = tables.get(table);
  return columns !== undefined && changed.some((column) => columns.has(column));
}
