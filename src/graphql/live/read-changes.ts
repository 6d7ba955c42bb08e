// What is asked of a batch of changes, in the order of the answer.

import { ServiceError } from '../../platform/errors.ts';
import type { RequestedField, RequestedSelection } from '../../records/plan.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import type { ChangePart } from '../field-meaning.ts';
import { readSelection } from '../read-selection.ts';

/** Keys are response keys, each once in its object. */
export type BatchField =
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }
  | { readonly kind: 'batchCursor' | 'reset'; readonly key: string }
  | { readonly kind: 'events'; readonly key: string; readonly fields: readonly EventField[] };

export type EventField =
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }
  | { readonly kind: 'op' | 'id' | 'changedFields' | 'cursor'; readonly key: string }
  | { readonly kind: 'row' | 'previous'; readonly key: string; readonly selection: RequestedSelection };

/** Throws BAD_USER_INPUT when relations are asked of a row as it was. */
export function readBatch(table: TableModel, asked: AskedField): readonly BatchField[] {
  return asked.under().map((field): BatchField => {
    const { key } = field;
    if (field.name === '__typename') return { kind: 'constant', key, value: field.parent.name };
    const kind = partOf(field);
    if (kind === 'events') return { kind, key, fields: field.under().map((event) => readEvent(table, event)) };
    if (kind === 'batchCursor' || kind === 'reset') return { kind, key };
    throw new Error(`no ${field.name} in a batch of changes`);
  });
}

function readEvent(table: TableModel, field: AskedField): EventField {
  const { key } = field;
  if (field.name === '__typename') return { kind: 'constant', key, value: field.parent.name };
  const kind = partOf(field);
  switch (kind) {
    case 'row':
      return { kind, key, selection: readSelection(table, field) };
    case 'previous': {
      const selection = readSelection(table, field);
      const related = selection.fields.find(isRelated);
      if (related)
        throw new ServiceError(
          'BAD_USER_INPUT',
          `${key} has the row's own columns as they were: ask for ${related.key} in node.`,
        );
      return { kind, key, selection };
    }
    case 'op':
    case 'id':
    case 'changedFields':
    case 'cursor':
      return { kind, key };
    default:
      throw new Error(`no ${field.name} in a change`);
  }
}

/** Whether a field is about other rows. */
export function isRelated({ kind }: Pick<RequestedField, 'kind'>): boolean {
  return kind !== 'column' && kind !== 'nodeId' && kind !== 'constant';
}

function partOf({ meaning, name }: AskedField): ChangePart {
  if (meaning.kind !== 'changePart') throw new Error(`${name} is no part of a change`);
  return meaning.part;
}
