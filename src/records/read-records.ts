// Reading rows: by a unique key, as a list, and as a page by cursors. One statement each, with every rule inside it.

import type { CallerClass } from '../access/caller-class.ts';
import type { Model } from '../tables/model.ts';
import { guardConnection, guardList, guardOne } from './guard-selection.ts';
import type { KeyValue, RequestedConnection, RequestedList, RequestedSelection } from './plan.ts';
import type { CompiledRead, RecordStore } from './ports.ts';

/** Plans reading one row by a unique key. A row that the caller may not see reads as no row. */
export function planReadOne(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  { selection, by }: { readonly selection: RequestedSelection; readonly by: readonly KeyValue[] },
): CompiledRead {
  return store.compileRead({ kind: 'one', by, selection: guardOne(model, caller, selection) });
}

/** Plans reading a page, by position, of the rows that the caller may see. */
export function planReadList(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  asked: RequestedList,
): CompiledRead {
  return store.compileRead({ kind: 'list', selection: guardList(model, caller, asked) });
}

/** Plans reading a page of them by cursors. Its answer is an object. */
export function planReadConnection(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  asked: RequestedConnection,
): CompiledRead {
  return store.compileRead({ kind: 'connection', selection: guardConnection(model, caller, asked) });
}
