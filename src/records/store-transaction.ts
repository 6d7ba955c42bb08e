// A transaction of a store, as everybody else sees it.

/** An open transaction of the store that made it; opaque to everybody else. */
export interface StoreTransaction {
  readonly open: boolean;
}
