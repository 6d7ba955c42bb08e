// Which tables, and which of their columns, the answer of a read can depend on: all that it shows, filters by and orders by, and
// everything that rules look at.

import type { Filter } from '../tables/filter.ts';
import { type Model, type Relation, type TableModel, tableOf } from '../tables/model.ts';
import type { ListSelection, OneSelection, OrderTerm, RowSelection, SelectedField } from './plan.ts';

/** Columns by tables, in the names of the database. */
export type TablesRead = ReadonlyMap<string, ReadonlySet<string>>;

export interface ListReads {
  readonly tables: TablesRead;
  /** The tables that are read through a relation. */
  readonly related: ReadonlySet<string>;
}

/** What the answer of a list depends on. */
export function tablesReadBy(model: Model, list: ListSelection): ListReads {
  const reading = new Reading(model);
  reading.rows(list.table, list.rows);
  reading.order(list.table, list.orderBy);
  reading.selection(list);
  return reading;
}

class Reading {
  readonly tables = new Map<string, Set<string>>();
  readonly related = new Set<string>();

  constructor(private readonly model: Model) {}

  selection({ table, fields }: RowSelection): void {
    this.#add(table.sqlName, ['id']);
    for (const field of fields) this.#field(table, field);
  }

  rows(table: TableModel, filter: Filter): void {
    switch (filter.kind) {
      case 'constant':
        return;
      case 'and':
      case 'or':
        for (const part of filter.parts) this.rows(table, part);
        return;
      case 'not':
        this.rows(table, filter.part);
        return;
      case 'relation':
      case 'count': {
        const relation = table.relations.get(filter.relation);
        if (!relation) return;
        const target = this.#follow(table, relation, filter.linkRows);
        this.rows(target, filter.rows);
        if (filter.kind === 'relation') this.rows(target, filter.filter);
        return;
      }
      default:
        this.#column(table, filter.column);
    }
  }

  order(start: TableModel, orderBy: readonly OrderTerm[]): void {
    for (const { path, by } of orderBy) {
      let table = start;
      for (const { relation, rows, linkRows } of path) {
        table = this.#follow(table, relation, linkRows);
        this.rows(table, rows);
      }
      if (by.kind === 'column') this.#column(table, by.column.name);
      else this.rows(this.#follow(table, by.relation, by.linkRows), by.rows);
    }
  }

  #field(table: TableModel, field: SelectedField): void {
    switch (field.kind) {
      case 'constant':
      case 'nodeId':
        return;
      case 'column':
        this.#column(table, field.column.name);
        return;
    }
    const target = this.#follow(table, field.relation, field.linkRows);
    switch (field.kind) {
      case 'one':
        this.#many(field.one);
        return;
      case 'list':
        this.order(target, field.list.orderBy);
        this.#many(field.list);
        return;
      case 'connection': {
        this.order(target, field.connection.orderBy);
        this.rows(target, field.connection.rows);
        this.#everything(target);
        return;
      }
      case 'aggregate':
        this.rows(target, field.aggregate.rows);
        this.#everything(target);
        return;
    }
  }

  #many(selection: OneSelection | ListSelection): void {
    this.rows(selection.table, selection.rows);
    this.selection(selection);
  }

  /** What is inside is not looked at: any column may matter, of any table that can be reached. */
  #everything(table: TableModel, seen = new Set<string>()): void {
    if (seen.has(table.name)) return;
    seen.add(table.name);
    this.#add(
      table.sqlName,
      [...table.columns.values()].map(({ sqlName }) => sqlName),
    );
    this.related.add(table.sqlName);
    for (const relation of table.relations.values()) {
      if (relation.link) this.#add(relation.link.sqlName, [relation.link.ownerColumn, relation.link.targetColumn]);
      this.#everything(tableOf(this.model, relation.target), seen);
    }
  }

  #follow(from: TableModel, relation: Relation, linkRows: Filter): TableModel {
    const target = tableOf(this.model, relation.target);
    const { link } = relation;
    this.related.add(target.sqlName);
    this.#add(target.sqlName, ['id']);
    if (link) this.#add(link.sqlName, [link.ownerColumn, link.targetColumn]);
    else this.#column(relation.kind === 'belongsTo' ? from : target, relation.column);
    if (link?.table) this.rows(tableOf(this.model, link.table), linkRows);
    return target;
  }

  #column(table: TableModel, name: string): void {
    const column = table.columns.get(name);
    if (column) this.#add(table.sqlName, [column.sqlName]);
  }

  #add(table: string, columns: readonly string[]): void {
    const known = this.tables.get(table) ?? new Set<string>();
    for (const column of columns) known.add(column);
    this.tables.set(table, known);
  }
}
