// Statements that belong together: in the transaction that is open already, or in one of their own.

import type { RecordStore } from '../ports.ts';
import type { StoreTransaction } from '../store-transaction.ts';
import type { Request } from '../value-source.ts';

/** Runs work with a request whose statements are kept or undone together. Work may be run again from its start. */
export function inTransaction<T>(
  store: RecordStore,
  request: Request,
  work: (request: Request) => Promise<T>,
): Promise<T> {
  return request.transaction ? work(request) : newTransaction(store, request, work);
}

/** The same, in a transaction of its own. */
export function newTransaction<T>(
  store: RecordStore,
  request: Request,
  work: (request: Request & { readonly transaction: StoreTransaction }) => Promise<T>,
): Promise<T> {
  return store.transaction((transaction) => work({ ...request, transaction }));
}

/** The same; when it throws, its statements are undone, and a transaction that was open already can go on. */
export function undoable<T>(store: RecordStore, request: Request, work: (request: Request) => Promise<T>): Promise<T> {
  const { transaction } = request;
  return transaction ? store.savepoint(transaction, () => work(request)) : inTransaction(store, request, work);
}

/** What undoes work on purpose: nothing is wrong. */
export class Undo<T> extends Error {
  constructor(readonly result: T) {
    super('undone on purpose');
  }
}

/** Runs work for what it tells, and undoes it. */
export async function tried<T>(
  store: RecordStore,
  request: Request,
  work: (request: Request) => Promise<T>,
): Promise<T> {
  try {
    return await undoable(store, request, async (within): Promise<T> => {
      throw new Undo(await work(within));
    });
  } catch (error) {
    if (error instanceof Undo) return error.result as T;
    throw error;
  }
}
