// Making SQL text: identifiers are always quoted, values are always parameters.

import type { Slot } from '../../records/value-source.ts';
import type { Column, ColumnType, TableModel } from '../../tables/model.ts';
import type { RowShapes } from './statements/row-shapes.ts';

/** An identifier as PostgreSQL takes it literally, whatever it contains. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal. Only for names and texts of the model, never for a client's value. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** The table of the model, in the schema that holds an app's tables. */
export function tableName(table: { readonly sqlName: string }): string {
  return `${quoteName(APP_SCHEMA)}.${quoteName(table.sqlName)}`;
}

/** Where an app's tables are. */
export const APP_SCHEMA = 'public';
/** Where the service keeps its own. */
export const SYSTEM_SCHEMA = 'tablecast';

const SQL_TYPES: Record<string, string> = {
  String: 'text',
  ID: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Decimal: 'numeric',
  Boolean: 'boolean',
  UUID: 'uuid',
  DateTime: 'timestamp with time zone',
  Date: 'date',
  Time: 'time without time zone',
  JSON: 'jsonb',
  Bytes: 'bytea',
  Version: 'bigint',
};

/** The PostgreSQL type of a column, as `format_type` spells it. Enums are text with a CHECK. */
export function sqlType(type: ColumnType, list: boolean): string {
  const base = type.kind === 'enum' ? 'text' : (SQL_TYPES[type.name] ?? 'text');
  return list ? `${base}[]` : base;
}

/** Whether values of the type compare as text: then always by code point. */
export function isText(type: ColumnType): boolean {
  return sqlType(type, false) === 'text';
}

/** A parameter of a statement: a slot, and the form in which a text of it is bound. */
export interface Parameter extends Slot {
  /** With upper and lower case made one. */
  readonly folded?: boolean;
  /** As a LIKE pattern that finds the text itself. */
  readonly pattern?: 'contains' | 'endsWith';
  /** A list of lists, each as one text: an array has no rows of different lengths. */
  readonly form?: 'lists';
}

/** Gathers the parameters of one statement, each source once. */
export class Parameters {
  readonly slots: Parameter[] = [];
  /** What a statement has no use for, and is checked like the others. */
  readonly unused: Slot[] = [];
  readonly #numbers = new Map<string, number>();

  /** Has the value of a slot checked without sending it. */
  check(slot: Slot): void {
    this.unused.push(slot);
  }

  /** The parameter for a slot, with its type: `$1::text`. */
  add(slot: Parameter): string {
    const type = slot.form === 'lists' ? 'text[]' : sqlType(slot.type, slot.list);
    const form = `${slot.bounds?.argument ?? ''} ${slot.cursor?.at ?? ''} ${slot.folded ? 'folded' : ''} ${slot.pattern ?? ''} ${slot.form ?? ''}`;
    const key = `${type} ${slot.type.name} ${form} ${JSON.stringify(slot.source, keepZeroSign)}`;
    const number = this.#numbers.get(key) ?? this.slots.push(slot);
    this.#numbers.set(key, number);
    // Bytes travel as base64 text, as they do in JSON.
    if (slot.type.name === 'Bytes' && !slot.list) return `decode($${number}::text, 'base64')`;
    return `$${number}::${type}`;
  }
}

/** JSON has one zero, and a Float has two. */
function keepZeroSign(_name: string, value: unknown): unknown {
  return Object.is(value, -0) ? '-0' : value;
}

/** Numbers the table aliases of one statement. */
export class Aliases {
  #last = 0;
  next(): string {
    this.#last += 1;
    return `t${this.#last}`;
  }
}

/** What texts are ordered by: the root collation of Unicode, or code points on a server that was built without ICU. */
export const ROOT_COLLATION = '"und-x-icu"';
export type TextCollation = typeof ROOT_COLLATION | '"C"';

/** What the compilers of one statement share. */
export interface Compilation {
  readonly parameters: Parameters;
  readonly aliases: Aliases;
  /** The table of a name in the model. */
  readonly tableOf: (name: string) => TableModel;
  readonly textCollation: TextCollation;
  /** The rows that may be made for an answer; null: none, and JSON is made of single values. */
  readonly rowShapes: RowShapes | null;
}

/** `t1."due_at"`. */
export function columnRef(alias: string, column: Column): string {
  return `${alias}.${quoteName(column.sqlName)}`;
}
