// What is asked of a batch and of an upsert, in the words of records.

import type { BatchErrorField, BatchField } from '../../records/writes/answer.ts';
import type { UpsertField } from '../../records/writes/upsert-record.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { readSelection } from '../read-selection.ts';

/** The fields of a `...Batch`. */
export function readBatch(table: TableModel, asked: AskedField): readonly BatchField[] {
  return asked.under().map((field): BatchField => {
    const { key } = field;
    if (field.name === '__typename') return { kind: 'constant', key, value: field.parent.name };
    const { kind } = field.meaning;
    if (kind === 'count') return { kind, key };
    if (kind === 'nodes') return { kind, key, selection: readSelection(table, field) };
    return { kind: 'errors', key, fields: field.under().map(readError) };
  });
}

function readError(field: AskedField): BatchErrorField {
  const { key } = field;
  if (field.name === '__typename') return { kind: 'constant', key, value: field.parent.name };
  const { kind } = field.meaning;
  if (kind === 'index' || kind === 'code' || kind === 'message') return { kind, key };
  throw new Error(`no ${field.name} in an error`);
}

/** The fields of an `...Upsert`. */
export function readUpsert(table: TableModel, asked: AskedField): readonly UpsertField[] {
  return asked.under().map((field): UpsertField => {
    const { key } = field;
    if (field.name === '__typename') return { kind: 'constant', key, value: field.parent.name };
    if (field.meaning.kind === 'inserted') return { kind: 'inserted', key };
    return { kind: 'node', key, selection: readSelection(table, field) };
  });
}
