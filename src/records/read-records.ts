// Reading rows: by a unique key, and as a list. One statement each, with every rule inside it.

import type { CallerClass } from '../access/caller-class.ts';
import type { Model } from '../tables/model.ts';
import { guardSelection, visibleRows } from './guard-selection.ts';
import type { KeyValue, Page, RequestedSelection } from './plan.ts';
import type { CompiledRead, RecordStore } from './ports.ts';

/** Plans reading one row by a unique key. A row that the caller may not see reads as no row. */
export function planReadOne(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  asked: { readonly selection: RequestedSelection; readonly by: readonly KeyValue[] },
): CompiledRead {
  return store.compileRead({
    kind: 'one',
    by: asked.by,
    rows: visibleRows(caller, asked.selection.table),
    selection: guardSelection(model, caller, asked.selection),
  });
}

/** Plans reading a page of the rows that the caller may see, ordered by id. */
export function planReadMany(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  asked: { readonly selection: RequestedSelection; readonly page: Page },
): CompiledRead {
  return store.compileRead({
    kind: 'many',
    page: asked.page,
    rows: visibleRows(caller, asked.selection.table),
    selection: guardSelection(model, caller, asked.selection),
  });
}
