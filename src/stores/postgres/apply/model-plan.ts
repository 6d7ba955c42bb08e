// What it takes to make a database hold a model, as data: made by `plan-model.ts`, judged by `weigh-hazards.ts`, carried out by
// `apply-model.ts`, printed by `describe-plan.ts`.

import type { TableState } from './database-state.ts';

/** What a change does to those who use the table meanwhile, worst last. */
export type Impact =
  /** Nobody can use it yet, or nothing waits. */
  | 'none'
  /** The table is locked for a moment, whatever its size. */
  | 'moment'
  /** The table is read while others read and write it. */
  | 'reads'
  /** Rows are written, in the same transaction. */
  | 'writes'
  /** The table is written anew, and locked until that is done. */
  | 'rewrite';

/** Statements that belong together. */
export interface Change {
  readonly statements: readonly string[];
  /** In words; null when it is part of another. */
  readonly step: string | null;
  readonly impact: Impact;
  /** The table, as it is before. Absent: a new one, or none. */
  readonly table?: TableState;
  readonly hazard?: Hazard;
}

/** Rows that may stand against a change. A change without such rows is like any other. */
export interface Hazard {
  /** Counts them before anything is done, by the names of before: answers one row, `rows`. */
  readonly count: string;
  /** What is the matter with that many rows: `A.x is null in 3 rows`. */
  readonly words: (rows: number) => string;
  /** What allowing it means. Null: only somebody who knows the rows can mend them. */
  readonly allowed: {
    /** The name by which it is allowed: `narrow:A.x`. */
    readonly name: string;
    /** In words, after "allow it with": what becomes of the rows. */
    readonly words: string;
    /** What is done to the rows before the change. */
    readonly mend: readonly string[];
    /** What is done instead of the change; absent: the change itself. */
    readonly instead?: readonly string[];
  } | null;
}

/** A finishing touch outside the transaction, while others read and write; what a crash leaves out is found by the next plan. */
export interface Afterthought extends Change {
  /** Removes what a failed try left behind. */
  readonly cleanUp: readonly string[];
  /** Counts the rows that stand against it, by the names that hold then; null when none can. */
  readonly against: Pick<Hazard, 'count' | 'words'> | null;
}

/** Something that is in the database and is kept, though the schema does not say it. */
export interface Leftover {
  /** `column "x" of A`. */
  readonly what: string;
  /** What could be lost with it, in words. Null: it is not ours. */
  readonly drop: { readonly name: string; readonly count: string; readonly statements: readonly string[] } | null;
  readonly table: TableState;
}

export interface ModelPlan {
  /** In one transaction, in this order. */
  readonly changes: readonly Change[];
  /** Afterwards, one by one. */
  readonly afterwards: readonly Afterthought[];
  readonly leftovers: readonly Leftover[];
  /** What no allowance helps against. */
  readonly refusals: readonly string[];
}

/** A plan while it is made. */
export class PlanDraft implements ModelPlan {
  readonly changes: Change[] = [];
  readonly afterwards: Afterthought[] = [];
  readonly leftovers: Leftover[] = [];
  readonly refusals: string[] = [];
}

/** `1 row`, `3 rows`. */
export function rowsInWords(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`;
}
