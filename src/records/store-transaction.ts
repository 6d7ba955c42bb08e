// A transaction of a store, as everybody else sees it.

/** An open transaction of the store that made it; opaque to everybody else. */
export interface StoreTransaction {
  readonly open: boolean;
  /** Whether rows were asked for or written in it. */
  readonly used: boolean;
  /** Whether it is done once more because something broke: scripts in it are run where nobody else comes to harm. */
  readonly apart: boolean;
  /** Aborted when its time is over: statements in it fail from then on. */
  readonly expired: AbortSignal;
  /** Is called once: with true when what it did is kept, and with false when it is undone. It must not throw. */
  onceEnded(effect: (committed: boolean) => void): void;
}

/** How a transaction is begun and held. */
export interface TransactionOptions {
  /** Scripts are at work in it, so that it may be open while they think: only so many are at a time. */
  readonly scripted?: boolean;
  /** Milliseconds that it may be open; left out: any. */
  readonly budget?: number;
  /** Whether work that lost against others, or was near something that broke, may be done again; asked then. Left out: it may. */
  readonly repeatable?: () => boolean;
}
