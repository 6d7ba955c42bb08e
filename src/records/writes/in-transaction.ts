// Statements that belong together: in the transaction that is open already, or in one of their own.

import type { RecordStore } from '../ports.ts';
import type { Request } from '../value-source.ts';

/** Runs work with a request whose statements are kept or undone together. Work may be run again from its start. */
export function inTransaction<T>(
  store: RecordStore,
  request: Request,
  work: (request: Request) => Promise<T>,
): Promise<T> {
  if (request.transaction) return work(request);
  return store.transaction((transaction) => work({ ...request, transaction }));
}
