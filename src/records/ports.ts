// What records needs of a store. A store compiles a plan once and runs it many times.

import type { ReadPlan } from './plan.ts';
import type { PlainRow } from './row-scripts.ts';
import type { StoreTransaction, TransactionOptions } from './store-transaction.ts';
import type { Request } from './value-source.ts';
import type { FindPlan, JudgedRow, LinkPlan, ReadBackPlan, WritePlan } from './writes/write-plan.ts';

/** A compiled read: one statement. */
export interface CompiledRead {
  /** The answer as JSON text: an object or `null` for one row, an array for a list, an object for a connection. Throws ServiceError. */
  run(request: Request): Promise<string>;
}

/** A compiled write: one statement, that decides and writes together. */
export interface CompiledWrite {
  /** One for each row of an insert in their order, and for each row that a target names and rules leave. Throws ServiceError. */
  run(request: Request): Promise<readonly JudgedRow[]>;
}

/** Finds rows by lists of keys: the id of each, null where there is none. */
export interface CompiledFind {
  run(request: Request): Promise<readonly (string | null)[]>;
}

/** Reads rows by a list of ids: for each, the JSON text of every selection; null where nothing is told. */
export interface CompiledReadBack {
  run(request: Request): Promise<readonly (readonly (string | null)[])[]>;
}

export interface CompiledLink {
  run(request: Request): Promise<void>;
}

export interface RecordStore {
  compileRead(plan: ReadPlan): CompiledRead;
  compileWrite(plan: WritePlan): CompiledWrite;
  compileFind(plan: FindPlan): CompiledFind;
  compileReadBack(plan: ReadBackPlan): CompiledReadBack;
  compileLink(plan: LinkPlan): CompiledLink;
  /**
   * Commits when `work` is done, rolls back when it throws. Work that other transactions were in the way of is done again
   * from its start, a few times, so that it must do nothing else than run statements.
   */
  transaction<T>(work: (transaction: StoreTransaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Work in an open transaction: what it did is undone when it throws, and the transaction can go on. */
  savepoint<T>(transaction: StoreTransaction, work: () => Promise<T>): Promise<T>;
  /**
   * Runs one statement of the app's own, past every rule, with bound values. Values of rows are as JSON has them, and texts where
   * JSON would spoil them. Outside of a transaction it may only read. Throws ServiceError.
   */
  query(request: Request, text: string, values: readonly unknown[]): Promise<readonly PlainRow[]>;
}
