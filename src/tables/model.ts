// What a table is, once it has been read and checked. Everything here is frozen; later code never asks "is it set?".

import type { Filter } from './filter.ts';

export const OPERATIONS = ['READ', 'INSERT', 'UPDATE', 'DELETE', 'UNDELETE', 'SUBSCRIBE'] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Level = 'PUBLIC' | 'APPLICATION' | 'USER' | 'ADMIN';

export const SCALARS = [
  'String',
  'Int',
  'BigInt',
  'Float',
  'Decimal',
  'Boolean',
  'ID',
  'UUID',
  'DateTime',
  'Date',
  'Time',
  'JSON',
  'Bytes',
] as const;
export type ScalarName = (typeof SCALARS)[number];

/** The type of a column's value, or of each item when the column is a list. `Version` is the system's own. */
export type ColumnType =
  | { readonly kind: 'scalar'; readonly name: ScalarName | 'Version' }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] };

/** One alternative of who may. `rows` and `check` null mean every row. */
export interface Permission {
  readonly operations: readonly Operation[];
  readonly level: Level;
  /** With level USER: one of these is needed. Null: any user. Empty: nobody. */
  readonly roles: readonly string[] | null;
  readonly rows: Filter | null;
  readonly check: Filter | null;
}

/** Where a preset takes its value from: the caller, or a value of the column's type. */
export type Preset = {
  readonly operations: readonly Operation[];
  readonly value:
    | { readonly kind: 'caller'; readonly path: readonly string[] }
    | { readonly kind: 'value'; readonly value: unknown };
};

/** Limits on a column's value. Lengths are code points. */
export interface ColumnChecks {
  readonly length: { readonly min: number | null; readonly max: number | null } | null;
  readonly range: { readonly min: number | null; readonly max: number | null } | null;
  readonly pattern: { readonly regex: RegExp; readonly message: string | null } | null;
}

export interface Column {
  readonly name: string;
  /** The name in the database. */
  readonly sqlName: string;
  readonly description: string | null;
  readonly type: ColumnType;
  readonly list: boolean;
  readonly required: boolean;
  /** Undefined: none. */
  readonly defaultValue: unknown;
  readonly preset: Preset | null;
  /** Null: as the table. */
  readonly permissions: readonly Permission[] | null;
  readonly checks: ColumnChecks;
  /** What the column was called in the database before. */
  readonly renamedFrom: string | null;
  /** The relation whose key this column holds. */
  readonly relation: string | null;
  /** Set by the service or the database, never by a client. `id` is not: own ids are allowed. */
  readonly system: boolean;
}

export type OnDelete = 'RESTRICT' | 'CASCADE' | 'SET_NULL';

/** A relation as seen from one table. */
export interface Relation {
  readonly kind: 'belongsTo' | 'hasMany' | 'hasOne' | 'manyToMany';
  readonly name: string;
  readonly description: string | null;
  readonly target: string;
  /** The column of the key: this table's for `belongsTo`, the target's for `has...`; empty for many to many. */
  readonly column: string;
  /** The table between, for many to many. */
  readonly link: Link | null;
  readonly required: boolean;
  readonly onDelete: OnDelete;
}

/** Whether the relation leads to many rows. */
export function leadsToMany({ kind }: Relation): boolean {
  return kind === 'hasMany' || kind === 'manyToMany';
}

/** The table between two others, from one side. Names are those of the database. */
export interface Link {
  /** The table of the model that it is; null when the service made it for the relation alone. */
  readonly table: string | null;
  readonly sqlName: string;
  readonly ownerColumn: string;
  readonly targetColumn: string;
}

/** A table that the service makes for a many-to-many relation: two keys, and nothing else. */
export interface LinkTable {
  readonly sqlName: string;
  /** Two of them: the table that has the relation, and the one it leads to. */
  readonly sides: readonly { readonly table: string; readonly sqlColumn: string }[];
  /** What it and its columns may be called in a database from before a table or the relation was renamed. */
  readonly formerNames: readonly { readonly sqlName: string; readonly sqlColumns: readonly string[] }[];
}

/** Where the rows of a table are kept. */
export type Store = 'SQL' | 'MONGODB';

/** Columns that identify one row together. The first key of a table is its primary key. */
export interface UniqueKey {
  readonly columns: readonly string[];
}

export interface TableIndex {
  readonly columns: readonly string[];
}

export interface TableModel {
  readonly name: string;
  readonly plural: string;
  readonly sqlName: string;
  /** What the table was called in the database before. */
  readonly renamedFrom: string | null;
  readonly description: string | null;
  readonly softDelete: boolean;
  /** An insert may bring columns that the table does not have yet. */
  readonly dynamicSchema: boolean;
  readonly store: Store;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  readonly keys: readonly UniqueKey[];
  readonly indexes: readonly TableIndex[];
  /** Null: none was written, so the table is APPLICATION throughout. */
  readonly permissions: readonly Permission[] | null;
  /** What the app's scripts do around its operations. Left out: nothing. */
  readonly scripts?: TableScripts;
}

/** What scripts do around the operations of a table. */
export interface TableScripts {
  /** The writes that one runs around. */
  readonly around: readonly Operation[];
  /** Whether one says which rows there are, for each request. */
  readonly filter: boolean;
  /** Whether one changes rows before they are told. */
  readonly read: boolean;
  /**
   * With `read`: the columns that it leaves as they are stored, so that they may be filtered, ordered and computed by. `id` is
   * always one of them.
   */
  readonly safe: 'all' | readonly string[];
}

export interface EnumModel {
  readonly name: string;
  readonly description: string | null;
  readonly values: readonly { readonly name: string; readonly description: string | null }[];
}

/** All tables of an app. `version` is a hash of what was written: equal texts are equal models. */
export interface Model {
  readonly version: string;
  readonly tables: ReadonlyMap<string, TableModel>;
  readonly enums: ReadonlyMap<string, EnumModel>;
  /** The tables between, that many-to-many relations need, by their names in the database. */
  readonly links: ReadonlyMap<string, LinkTable>;
  /** Every role that a permission names, sorted. */
  readonly roles: readonly string[];
}

/** The model with what its scripts do; those of a table that is not named are none. */
export function withScripts(model: Model, scripts: ReadonlyMap<string, TableScripts>): Model {
  const tables = [...model.tables].map(([name, { scripts: _, ...table }]): [string, TableModel] => {
    const own = scripts.get(name);
    return [name, Object.freeze(own ? { ...table, scripts: own } : table)];
  });
  return Object.freeze({ ...model, tables: new Map(tables) });
}

/** The table of that name. Programmer error if there is none: names come from a checked model. */
export function tableOf(model: Model, name: string): TableModel {
  const table = model.tables.get(name);
  if (!table) throw new Error(`no table ${name} in the model`);
  return table;
}

/** The column of that name, likewise. */
export function columnOf(table: TableModel, name: string): Column {
  const column = table.columns.get(name);
  if (!column) throw new Error(`no column ${table.name}.${name} in the model`);
  return column;
}
