// The change log as the service sees it: every change of a row that was committed, whoever made it, in one order that all
// processes share. Stores keep it; `test/contract/change-log.suite.ts` is what each must do.

import type { Change } from './change.ts';
import type { Position } from './position.ts';

/** Why a reader cannot go on from where it was. It has to read the rows anew, and then the changes after the head. */
export type ResetReason = 'another epoch' | 'too old' | 'beyond the head';

export type ChangePage =
  | {
      readonly kind: 'changes';
      /** In their order. Empty at the head. */
      readonly changes: readonly Change[];
      /** Where to go on. It may be further than the last of the changes, since those of tables that are no more are left out. */
      readonly end: Position;
    }
  | { readonly kind: 'reset'; readonly reason: ResetReason; readonly head: Position };

/**
 * A log. Its order is the order of commits for every row: of two changes of a row the one that was committed later comes
 * later. No change is ever put before a position that was the head once, so that a reader that goes on from the end of its
 * last page meets each change once and misses none. All methods throw ServiceError when the store cannot be reached.
 */
export interface ChangeLog {
  /** The end of what has its place. */
  head(): Promise<Position>;
  /**
   * Gives what was committed until now its place, and answers the head. Nobody waits in it for a transaction that is open.
   * When another process is at it, the head may come without the last commits: call it again.
   */
  advance(): Promise<Position>;
  /** The changes after a position, `most` of them at most. */
  read(after: Position, most: number): Promise<ChangePage>;
  /**
   * Forgets changes that are older than `keep` milliseconds, as far as that disturbs nobody, and answers how many parts of
   * the log were given up. To be called now and then; several processes may. Readers of what is forgotten are told RESET.
   */
  expire(keep: number): Promise<number>;
}
