// One answer on its way through read scripts: its rows are gathered table by table, told by the scripts, and put back. A row
// that a script leaves out is absent from lists and pages (not from their counts), and null where one row was asked for.

import type { TableModel } from '../tables/model.ts';
import { checkTold, valueOrKept } from './check-told.ts';
import type { ConnectionSelection, RowSelection, SelectedField } from './plan.ts';
import type { PlainRow, RowScripts } from './row-scripts.ts';
import type { Request } from './value-source.ts';
import { hasReadScript, hidden, isHidden } from './whole-rows.ts';

/** A value of JSON. */
export type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

type JsonObject = { readonly [name: string]: Json };

export class ToldAnswer {
  readonly #rows = new Map<TableModel, Map<string, PlainRow>>();
  readonly #told = new Map<TableModel, ReadonlyMap<string, PlainRow>>();

  /** Takes the rows of a value: one row, or a list of them. */
  gather(selection: RowSelection | undefined, value: Json | undefined): void {
    if (!selection || value === null || value === undefined) return;
    if (isList(value)) {
      for (const item of value) this.gather(selection, item);
      return;
    }
    const { table, fields } = selection;
    const row = value as JsonObject;
    if (hasReadScript(table)) {
      const rows = this.#rows.get(table) ?? new Map<string, PlainRow>();
      this.#rows.set(table, rows);
      rows.set(String(row[hidden('id')]), wholeRow(table, row));
    }
    for (const field of fields) {
      if (field.kind === 'one') this.gather(field.one, row[field.key]);
      else if (field.kind === 'list') this.gather(field.list, row[field.key]);
      else if (field.kind === 'connection') this.gatherConnection(field.connection, row[field.key]);
    }
  }

  gatherConnection({ fields }: ConnectionSelection, value: Json | undefined): void {
    if (value === null || value === undefined) return;
    const page = value as JsonObject;
    for (const field of fields) {
      if (field.kind === 'nodes') this.gather(field.selection, page[field.key]);
      if (field.kind !== 'edges') continue;
      for (const edge of page[field.key] as readonly JsonObject[]) {
        for (const part of field.fields) if (part.kind === 'edgeNode') this.gather(part.selection, edge[part.key]);
      }
    }
  }

  /** Has the scripts tell them, those of all tables at the same time. */
  async ask(scripts: RowScripts, request: Request): Promise<void> {
    const ask = async ([table, rows]: [TableModel, ReadonlyMap<string, PlainRow>]) => {
      const told = await scripts.read(table, [...rows.values()], request);
      checkTold(table, rows, told);
      this.#told.set(table, told);
    };
    await Promise.all([...this.#rows].map(ask));
  }

  /** The value as it is told; null for a row that is left out. */
  tell(selection: RowSelection | undefined, value: Json | undefined): Json {
    if (!selection || value === null || value === undefined) return null;
    if (isList(value)) return value.map((item) => this.tell(selection, item)).filter((item) => item !== null);
    const { table, fields } = selection;
    const row = value as JsonObject;
    const told = this.#told.get(table)?.get(String(row[hidden('id')]));
    if (hasReadScript(table) && !told) return null;
    const members = fields.flatMap((field): [string, Json][] =>
      isHidden(field) ? [] : [[field.key, this.#tellField(table, field, row, told)]],
    );
    return Object.fromEntries(members);
  }

  tellConnection({ fields }: ConnectionSelection, value: Json | undefined): Json {
    if (value === null || value === undefined) return null;
    const page = value as JsonObject;
    const members = fields.map((field): [string, Json] => {
      const own = page[field.key] ?? null;
      if (field.kind === 'nodes') return [field.key, this.tell(field.selection, own)];
      if (field.kind !== 'edges') return [field.key, own];
      const edges = (own as readonly JsonObject[]).flatMap((edge) => {
        const parts = field.fields.map((part): [string, Json] => [
          part.key,
          part.kind === 'edgeNode' ? this.tell(part.selection, edge[part.key]) : (edge[part.key] ?? null),
        ]);
        const isLeftOut = field.fields.some((part, at) => part.kind === 'edgeNode' && parts[at]?.[1] === null);
        return isLeftOut ? [] : [Object.fromEntries(parts.filter((_, at) => !isHidden(field.fields[at])))];
      });
      return [field.key, edges];
    });
    return Object.fromEntries(members);
  }

  #tellField(table: TableModel, field: SelectedField, row: JsonObject, told: PlainRow | undefined): Json {
    const own = row[field.key] ?? null;
    switch (field.kind) {
      case 'column':
        return told ? (valueOrKept(table, field.column, told, own) as Json) : own;
      case 'one':
        return this.tell(field.one, own);
      case 'list':
        return this.tell(field.list, own);
      case 'connection':
        return this.tellConnection(field.connection, own);
      default:
        return own;
    }
  }
}

function wholeRow({ columns }: TableModel, row: JsonObject): PlainRow {
  return Object.fromEntries([...columns.keys()].map((name) => [name, row[hidden(name)]]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
