// Batches of changes as the JSON of an answer. A row's own columns come from the log's image of it; what is asked of related
// rows is read now, for all rows of a batch at once.

import type { BatchWriter, EventBatch } from '../../changes/batch.ts';
import type { Image } from '../../changes/change.ts';
import { writeChangeCursor } from '../../changes/change-cursor.ts';
import { imageJson } from '../../changes/image-value.ts';
import type { RowEvent } from '../../changes/row-event.ts';
import type { RequestedField, RequestedSelection } from '../../records/plan.ts';
import type { CompiledReadBack } from '../../records/ports.ts';
import type { Request } from '../../records/value-source.ts';
import type { TableModel } from '../../tables/model.ts';
import { type BatchField, type EventField, isRelated } from './read-changes.ts';

/** What a document asks of batches; the same for all who ask it. */
export interface BatchShape {
  /** The response key of the subscription. */
  readonly key: string;
  readonly fields: readonly BatchField[];
  /** Reads what is asked of related rows, a text for each field of `relatedFields`; null when nothing is. */
  readonly related: CompiledReadBack | null;
}

/** The fields that are about related rows, in the order in which they are read: of all rows that are asked for. */
export function relatedFields(fields: readonly BatchField[]): readonly RequestedField[] {
  return rowSelections(fields).flatMap((selection) => selection.fields.filter(isRelated));
}

/** Selections of the row as it is. */
export function rowSelections(fields: readonly BatchField[]): readonly RequestedSelection[] {
  const events = fields.flatMap((field) => (field.kind === 'events' ? field.fields : []));
  return events.flatMap((field) => (field.kind === 'row' ? [field.selection] : []));
}

/** The texts of a row's related fields, in their order; null: the row is not there any more. */
type RelatedTexts = readonly (string | null)[];

export class BatchJson implements BatchWriter {
  readonly #places: ReadonlyMap<RequestedField, number>;

  constructor(
    private readonly shape: BatchShape,
    private readonly request: Request,
    /** What the rows are judged by, for cursors. */
    private readonly rules: string,
  ) {
    this.#places = new Map(relatedFields(shape.fields).map((field, at) => [field, at]));
  }

  write(batch: EventBatch): Buffer | Promise<Buffer> {
    const { related } = this.shape;
    const ids = related ? [...new Set(batch.events.flatMap(({ after, id }) => (after ? [id] : [])))] : [];
    if (!related || ids.length === 0) return this.#answer(batch, null);
    return related.run({ ...this.request, written: [ids] }).then((texts) => {
      const byId = new Map(ids.map((id, at) => [id, texts[at] ?? []]));
      return this.#answer(batch, byId);
    });
  }

  #answer(batch: EventBatch, related: ReadonlyMap<string, RelatedTexts> | null): Buffer {
    const { key, fields } = this.shape;
    const members = fields.map((field) => `${JSON.stringify(field.key)}:${this.#batchField(field, batch, related)}`);
    return Buffer.from(`{"data":{${JSON.stringify(key)}:{${members.join(',')}}}}`);
  }

  #batchField(field: BatchField, batch: EventBatch, related: ReadonlyMap<string, RelatedTexts> | null): string {
    switch (field.kind) {
      case 'constant':
        return JSON.stringify(field.value);
      case 'batchCursor':
        return JSON.stringify(writeChangeCursor(batch.cursor, this.rules));
      case 'reset':
        return String(batch.reset);
      case 'events':
        return `[${batch.events.map((event) => this.#event(field.fields, event, related)).join(',')}]`;
    }
  }

  #event(fields: readonly EventField[], event: RowEvent, related: ReadonlyMap<string, RelatedTexts> | null): string {
    const members = fields.map((field) => `${JSON.stringify(field.key)}:${this.#eventField(field, event, related)}`);
    return `{${members.join(',')}}`;
  }

  #eventField(field: EventField, event: RowEvent, related: ReadonlyMap<string, RelatedTexts> | null): string {
    switch (field.kind) {
      case 'constant':
        return JSON.stringify(field.value);
      case 'op':
      case 'id':
        return JSON.stringify(event[field.kind]);
      case 'changedFields':
        return JSON.stringify(event.changed);
      case 'cursor':
        return JSON.stringify(writeChangeCursor(event.cursor, this.rules));
      case 'row':
        return this.#row(field.selection, event.after, related?.get(event.id) ?? []);
      case 'previous':
        // Who may not see a row any more is told no more of it than its id.
        return this.#row(field.selection, event.op === 'LEAVE' ? null : event.before, []);
    }
  }

  #row({ table, fields }: RequestedSelection, image: Image | null, related: RelatedTexts): string {
    if (!image) return 'null';
    const members: string[] = [];
    for (const field of fields) {
      const place = this.#places.get(field);
      if (place === undefined) {
        members.push(`${JSON.stringify(field.key)}:${ownJson(field, table, image)}`);
        continue;
      }
      const text = related[place];
      if (text === null || text === undefined) return 'null';
      // An object of this one member.
      members.push(text.trim().slice(1, -1));
    }
    return `{${members.join(',')}}`;
  }
}

function ownJson(field: RequestedField, table: TableModel, image: Image): string {
  switch (field.kind) {
    case 'column':
      return imageJson(field.column, image);
    case 'nodeId':
      return JSON.stringify(Buffer.from(`${table.name}:${image['id']}`).toString('base64url'));
    case 'constant':
      return JSON.stringify(field.value);
    default:
      throw new Error(`${field.key} is about other rows`);
  }
}
