// What a write answers: one row, or the rows of a batch with their number and what went wrong with the others. Rows come as
// JSON texts and are put together here.

import { decideTable } from '../../access/decide.ts';
import { EVERY_ROW } from '../../tables/filter.ts';
import type { TableModel } from '../../tables/model.ts';
import { guardSelection } from '../guard-selection.ts';
import type { RequestedSelection, RowSelection } from '../plan.ts';
import type { CompiledReadBack } from '../ports.ts';
import { readableRowsOf } from '../readable-rows.ts';
import type { Request } from '../value-source.ts';
import type { Answered, JudgedRow } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** What is asked of a batch, in the order of the answer. */
export type BatchField =
  | { readonly kind: 'count'; readonly key: string }
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }
  | { readonly kind: 'nodes'; readonly key: string; readonly selection: RequestedSelection }
  | { readonly kind: 'errors'; readonly key: string; readonly fields: readonly BatchErrorField[] };

export type BatchErrorField =
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }
  | { readonly kind: 'index' | 'code' | 'message'; readonly key: string };

/** What became of an item that was not written. */
export interface BatchError {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** The JSON texts of a row, one for each selection. */
export type RowTexts = readonly (string | null)[];

/** How the rows of a write are answered: from its own statement, or read back after it. */
export interface RowAnswers {
  /** What is asked of each row. */
  readonly selections: readonly RowSelection[];
  /** What the statement answers by itself. */
  readonly answered: Answered;
  /** Whether anything is read afterwards, so that a transaction is needed. */
  readonly readsBack: boolean;
  /** The texts of rows that were written, in their order. */
  texts(written: readonly JudgedRow[], request: Request): Promise<readonly RowTexts[]>;
  /** The texts of rows as they are, by their ids. */
  byIds(ids: readonly string[], request: Request): Promise<ReadonlyMap<string, RowTexts>>;
}

/** Plans it. `leaves` says that a selection must be read back although it stays with the row. */
export function planAnswers(
  writer: Writer,
  table: TableModel,
  requested: readonly RequestedSelection[],
): RowAnswers & { readonly readBack: CompiledReadBack | null } {
  const { store, model, caller } = writer;
  const selections = requested.map((selection) => guardSelection(model, caller, selection));
  // Who may write but not read is answered with the id alone, which is all that its schema has.
  const shown = decideTable(caller, table, 'READ') ? readableRowsOf(caller, table, 'INCLUDE') : EVERY_ROW;
  const stays = selections.every(ownColumns);
  const compileReadBack = () => store.compileReadBack({ kind: 'readBack', table, selections, shown });
  const readBack = stays ? null : compileReadBack();
  let byIds = readBack;
  return {
    selections,
    answered: { selections: stays ? selections : [], shown },
    readsBack: !stays,
    readBack,
    texts: async (written, request) => {
      if (!readBack || written.length === 0) return written.map(({ answers }) => answers);
      return readBack.run({ ...request, written: [written.map(({ id }) => id)] });
    },
    byIds: async (ids, request) => {
      if (ids.length === 0) return new Map();
      byIds ??= compileReadBack();
      const texts = await byIds.run({ ...request, written: [ids] });
      return new Map(ids.map((id, at) => [id, texts[at] ?? []]));
    },
  };
}

/** Whether a selection can be answered from the row alone. */
function ownColumns({ fields }: RowSelection): boolean {
  return fields.every((field) => !('relation' in field));
}

/** The selections that a batch asks for, in the order of its `nodes` fields. */
export function nodeSelections(fields: readonly BatchField[]): readonly RequestedSelection[] {
  return fields.flatMap((field) => (field.kind === 'nodes' ? [field.selection] : []));
}

/** The JSON of a batch. Rows that the caller may not see count, and are not shown. */
export function batchText(
  fields: readonly BatchField[],
  count: number,
  rows: readonly RowTexts[],
  errors: readonly BatchError[],
): string {
  let selection = 0;
  const members = fields.map((field) => {
    const text = (): string => {
      switch (field.kind) {
        case 'constant':
          return JSON.stringify(field.value);
        case 'count':
          return String(count);
        case 'nodes': {
          const at = selection++;
          return `[${rows.flatMap((texts) => texts[at] ?? []).join(',')}]`;
        }
        case 'errors':
          return `[${errors.map((error) => errorText(field.fields, error)).join(',')}]`;
      }
    };
    return `${JSON.stringify(field.key)}:${text()}`;
  });
  return `{${members.join(',')}}`;
}

function errorText(fields: readonly BatchErrorField[], error: BatchError): string {
  const members = fields.map((field) => {
    const value = field.kind === 'constant' ? field.value : error[field.kind];
    return `${JSON.stringify(field.key)}:${JSON.stringify(value)}`;
  });
  return `{${members.join(',')}}`;
}
