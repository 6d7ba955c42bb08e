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
  readonly scripts?: RowScripts;
}
