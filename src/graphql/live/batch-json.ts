// Batches of changes as the JSON of an answer. A row's own columns come from the log's image of it; what is asked of related
// rows is read now, for all rows of a batch at once. Rows of a table with a read script are told as that has them: an event whose
// row it leaves out keeps its op, id and names of changed columns, and has no node.

import type { BatchWriter, EventBatch } from '../../changes/batch.ts';
import type { Image } from '../../changes/change.ts';
import { writeChangeCursor } from '../../changes/change-cursor.ts';
import { imageJson } from '../../changes/image-value.ts';
import type { RowEvent } from '../../changes/row-event.ts';
import type { RequestedField, RequestedSelection } from '../../records/plan.ts';
import type { CompiledReadBack } from '../../records/ports.ts';
import type { PlainRow, RowScripts } from '../../records/row-scripts.ts';
import type { Request } from '../../records/value-source.ts';
import type { TableModel } from '../../tables/model.ts';
import { type BatchField, type EventField, isRelated } from './read-changes.ts';
import { type ToldImages, tellImages, toldJson } from './told-images.ts';

/** What a document asks of batches; the same for all who ask it. */
export interface BatchShape {
  /** The response key of the subscription. */
  readonly key: string;
  readonly fields: readonly BatchField[];
  /** Reads what is asked of related rows, a text for each field of `relatedFields`; null when nothing is. */
  readonly related: CompiledReadBack | null;
  /** What tells the rows of the table; null: they are told as they are. */
  readonly reader: { readonly table: TableModel; readonly scripts: RowScripts } | null;
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

/** What was read for a batch: what is asked of related rows, by the ids of the rows, and rows as a script tells them. */
interface Read {
  readonly related: ReadonlyMap<string, RelatedTexts> | null;
  readonly told: ToldImages | null;
}

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
    const { related, reader } = this.shape;
    const ids = related ? [...new Set(batch.events.flatMap(({ after, id }) => (after ? [id] : [])))] : [];
    const images = reader ? imagesIn(this.shape.fields, batch) : [];
    if (ids.length === 0 && images.length === 0) return this.#answer(batch, { related: null, told: null });
    return Promise.all([this.#related(ids), this.#told(images)]).then(([byId, told]) =>
      this.#answer(batch, { related: byId, told }),
    );
  }

  async #related(ids: readonly string[]): Promise<ReadonlyMap<string, RelatedTexts> | null> {
    const { related } = this.shape;
    if (!related || ids.length === 0) return null;
    const texts = await related.run({ ...this.request, written: [ids] });
    return new Map(ids.map((id, at) => [id, texts[at] ?? []]));
  }

  async #told(images: readonly Image[]): Promise<ToldImages | null> {
    const { reader } = this.shape;
    return reader && tellImages(reader.scripts, reader.table, images, this.request);
  }

  #answer(batch: EventBatch, read: Read): Buffer {
    const { key, fields } = this.shape;
    const members = fields.map((field) => `${JSON.stringify(field.key)}:${this.#batchField(field, batch, read)}`);
    return Buffer.from(`{"data":{${JSON.stringify(key)}:{${members.join(',')}}}}`);
  }

  #batchField(field: BatchField, batch: EventBatch, read: Read): string {
    switch (field.kind) {
      case 'constant':
        return JSON.stringify(field.value);
      case 'batchCursor':
        return JSON.stringify(writeChangeCursor(batch.cursor, this.rules));
      case 'reset':
        return String(batch.reset);
      case 'events':
        return `[${batch.events.map((event) => this.#event(field.fields, event, read)).join(',')}]`;
    }
  }

  #event(fields: readonly EventField[], event: RowEvent, read: Read): string {
    const members = fields.map((field) => `${JSON.stringify(field.key)}:${this.#eventField(field, event, read)}`);
    return `{${members.join(',')}}`;
  }

  #eventField(field: EventField, event: RowEvent, read: Read): string {
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
        return this.#row(field.selection, event.after, read.related?.get(event.id) ?? [], read.told);
      case 'previous':
        return this.#row(field.selection, previousOf(event), [], read.told);
    }
  }

  #row(
    { table, fields }: RequestedSelection,
    image: Image | null,
    related: RelatedTexts,
    told: ToldImages | null,
  ): string {
    const row = (image && told?.get(image)) ?? null;
    if (!image || (this.shape.reader && !row)) return 'null';
    const members: string[] = [];
    for (const field of fields) {
      const place = this.#places.get(field);
      if (place === undefined) {
        members.push(`${JSON.stringify(field.key)}:${ownJson(field, table, image, row)}`);
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

/** Who may not see a row any more is told no more of it than its id. */
function previousOf({ op, before }: RowEvent): Image | null {
  return op === 'LEAVE' ? null : before;
}

/** The images that are told of a batch. */
function imagesIn(fields: readonly BatchField[], { events }: EventBatch): readonly Image[] {
  const parts = fields.flatMap((field) => (field.kind === 'events' ? field.fields.map(({ kind }) => kind) : []));
  const after = parts.includes('row') ? events.map((event) => event.after) : [];
  const before = parts.includes('previous') ? events.map(previousOf) : [];
  return [...after, ...before].filter((image) => image !== null);
}

function ownJson(field: RequestedField, table: TableModel, image: Image, told: PlainRow | null): string {
  switch (field.kind) {
    case 'column':
      return told ? toldJson(table, field.column, image, told) : imageJson(field.column, image);
    case 'nodeId':
      return JSON.stringify(Buffer.from(`${table.name}:${image['id']}`).toString('base64url'));
    case 'constant':
      return JSON.stringify(field.value);
    default:
      throw new Error(`${field.key} is about other rows`);
  }
}
