// What records needs of a store. A store compiles a plan once and runs it many times.

import type { InsertPlan, ReadPlan } from './plan.ts';
import type { Request } from './value-source.ts';

/** A compiled read: one statement. */
export interface CompiledRead {
  /** The answer as JSON text: an object or `null` for one row, an array for a list, an object for a connection. Throws ServiceError. */
  run(request: Request, transaction?: StoreTransaction): Promise<string>;
}

export type InsertOutcome =
  /** `row` is the JSON text of what was asked; null when the caller may not see it, or nothing was asked. */
  | { readonly inserted: true; readonly id: string; readonly row: string | null }
  /** Refused by a rule; `hidden` names the relations that point at rows the caller may not read. */
  | { readonly inserted: false; readonly hidden: readonly string[] };

/** A compiled insert: one statement, that decides and writes together. */
export interface CompiledInsert {
  run(request: Request, transaction?: StoreTransaction): Promise<InsertOutcome>;
}

/** An open transaction of the store that made it; opaque to everybody else. */
export interface StoreTransaction {
  readonly open: boolean;
}

export interface RecordStore {
  compileRead(plan: ReadPlan): CompiledRead;
  compileInsert(plan: InsertPlan): CompiledInsert;
  /** Commits when `work` is done, rolls back when it throws. */
  transaction<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
}
