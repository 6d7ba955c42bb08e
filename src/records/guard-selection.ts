// What a client asked for meets what it may see. Every read passes here, and every answer of a write: a column that the
// caller may not read is an error wherever it is mentioned, and each related table brings its own rule.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable } from '../access/decide.ts';
import { allOf } from '../tables/filter.ts';
import type { Model, TableModel } from '../tables/model.ts';
import { guardAggregate } from './aggregate-records.ts';
import type { ConnectionField, ConnectionPage, EdgeField } from './connection-plan.ts';
import { orderFingerprint, termType } from './cursor.ts';
import { guardFilter, mayFollow } from './guard-filter.ts';
import { guardOrder } from './guard-order.ts';
import type {
  ConnectionSelection,
  ListSelection,
  OneSelection,
  OrderTerm,
  RequestedConnection,
  RequestedField,
  RequestedList,
  RequestedSelection,
  RowSelection,
  RowsRequest,
  SelectedField,
} from './plan.ts';
import { readableRowsOf, unknownField, visibleLinkRows, visibleRows } from './readable-rows.ts';
import type { Slot } from './value-source.ts';

/** The selection with every related table's rule in it. Throws when it mentions what the class may not read. */
export function guardSelection(model: Model, caller: CallerClass, requested: RequestedSelection): RowSelection {
  const { table, fields } = requested;
  return { table, fields: fields.map((field) => guardField(model, caller, table, field)) };
}

/** The selection of one row, if the class may see it. */
export function guardOne(model: Model, caller: CallerClass, requested: RequestedSelection): OneSelection {
  return { ...guardSelection(model, caller, requested), rows: visibleRows(caller, requested.table) };
}

/** The selection of a page of the rows that the class may see. */
export function guardList(model: Model, caller: CallerClass, requested: RequestedList): ListSelection {
  const { table, page, orderBy } = requested;
  return {
    ...guardSelection(model, caller, requested),
    rows: guardRows(model, caller, table, requested),
    orderBy: guardOrder(model, caller, table, orderBy),
    page,
  };
}

/** The same for a page by cursors, which hold nothing but keys of the order. */
export function guardConnection(
  model: Model,
  caller: CallerClass,
  requested: RequestedConnection,
): ConnectionSelection {
  const { table, fields } = requested;
  const orderBy = guardOrder(model, caller, table, requested.orderBy);
  return {
    table,
    rows: guardRows(model, caller, table, requested),
    orderBy,
    page: guardPage(table, orderBy, requested.page),
    fields: fields.map((field) => guardConnectionField(model, caller, field)),
  };
}

function guardField(model: Model, caller: CallerClass, table: TableModel, field: RequestedField): SelectedField {
  const readable = decideTable(caller, table, 'READ') !== null;
  switch (field.kind) {
    case 'constant':
    // Who may not read at all may still have inserted, and is told the id.
    case 'nodeId':
      return field;
    case 'column': {
      const shown = readable ? decideColumn(caller, field.column, 'READ') : field.column.name === 'id';
      if (!shown) throw unknownField(table, field.column.name);
      return field;
    }
  }
  if (!mayFollow(model, caller, table, field.relation)) throw unknownField(table, field.key);
  const linkRows = visibleLinkRows(model, caller, field.relation);
  switch (field.kind) {
    case 'one':
      return { ...field, linkRows, one: guardOne(model, caller, field.one) };
    case 'list':
      return { ...field, linkRows, list: guardList(model, caller, field.list) };
    case 'connection':
      return { ...field, linkRows, connection: guardConnection(model, caller, field.connection) };
    case 'aggregate':
      return { ...field, linkRows, aggregate: guardAggregate(model, caller, field.aggregate) };
  }
}

function guardRows(model: Model, caller: CallerClass, table: TableModel, { where, deleted }: RowsRequest) {
  return allOf([readableRowsOf(caller, table, deleted), guardFilter(model, caller, table, where)]);
}

function guardPage(
  table: TableModel,
  orderBy: readonly OrderTerm[],
  { size, end, ...asked }: RequestedConnection['page'],
): ConnectionPage {
  const fingerprint = orderFingerprint(table, orderBy);
  const values = (argument: 'after' | 'before'): readonly Slot[] | null => {
    const source = asked[argument];
    if (!source) return null;
    return orderBy.map((term, at) => {
      const cursor = { argument, fingerprint, at, of: orderBy.length };
      return { source, type: termType(term), list: false, cursor };
    });
  };
  return { size, end, after: values('after'), before: values('before'), fingerprint };
}

function guardConnectionField(
  model: Model,
  caller: CallerClass,
  field: ConnectionField<RequestedSelection>,
): ConnectionField<RowSelection> {
  if (field.kind === 'nodes') return { ...field, selection: guardSelection(model, caller, field.selection) };
  if (field.kind !== 'edges') return field;
  const guardEdge = (member: EdgeField<RequestedSelection>): EdgeField<RowSelection> =>
    member.kind === 'edgeNode' ? { ...member, selection: guardSelection(model, caller, member.selection) } : member;
  return { ...field, fields: field.fields.map(guardEdge) };
}
