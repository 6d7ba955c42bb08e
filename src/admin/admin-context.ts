// What every admin operation is given.

import type { Caller } from '../access/caller.ts';
import type { Model } from '../tables/model.ts';

export interface AdminContext {
  readonly caller: Caller;
  readonly requestId: string;
}

/** What the admin API can see of the running service. */
export interface AdminSource {
  readonly version: string;
  readonly startedAt: Date;
  /** As the server says it: `18.4`. */
  readonly databaseVersion: string;
  /** The model that is served now. */
  readonly model: () => Model;
  /** The last `first` models that were applied to the database, newest first. */
  readonly appliedModels: (first: number) => Promise<readonly AppliedModelRecord[]>;
}

/** That a model was applied to the database. */
export interface AppliedModelRecord {
  readonly id: string;
  readonly modelVersion: string;
  readonly productVersion: string;
  /** In words. */
  readonly steps: readonly string[];
  readonly appliedAt: Date;
}
