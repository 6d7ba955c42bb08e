// Who writes into which model through which store: what everything in this folder needs.

import type { CallerClass } from '../../access/caller-class.ts';
import type { Model } from '../../tables/model.ts';
import type { RecordStore } from '../ports.ts';
import type { RowScripts } from '../row-scripts.ts';

export interface Writer {
  readonly store: RecordStore;
  readonly model: Model;
  readonly caller: CallerClass;
  /** Rows that one operation may write. */
  readonly maxRows: number;
  /** What scripts run around writes. Left out: none. */
  readonly scripts?: WriterScripts;
}

export interface WriterScripts {
  readonly rows: RowScripts;
  /** Tells rows as they are: `store` of a client tells them as read scripts would have them. */
  readonly store: RecordStore;
}
