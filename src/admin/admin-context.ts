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
}
