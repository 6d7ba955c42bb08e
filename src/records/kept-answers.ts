// Answers of writes that were asked under a key of the client's, kept so that the same request is done once, however often it
// is sent. An answer is kept in the commit that it tells of.

import type { StoreTransaction } from './store-transaction.ts';

/** A request under a key. */
export interface KeyedRequest {
  /** Who asks: keys of different callers have nothing to do with each other. */
  readonly actor: string;
  readonly key: string;
  /** What is asked, as a hash: another request under the same key is a mistake. */
  readonly fingerprint: string;
}

export type Claim =
  /** The key is this transaction's, until it ends. */
  | { readonly kind: 'new' }
  /** It was used; `answer` is the one that was given. */
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer: string };

export interface KeptAnswers {
  /** Takes the key. Waits for another transaction that has it: when that one commits, its answer is this one's. */
  claim(request: KeyedRequest, transaction: StoreTransaction): Promise<Claim>;
  /** Keeps the answer for a key that this transaction has claimed. */
  keep(request: KeyedRequest, answer: string, transaction: StoreTransaction): Promise<void>;
}
