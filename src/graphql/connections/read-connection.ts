// What a field asks of a page by cursors.

import { ServiceError } from '../../platform/errors.ts';
import type {
  ConnectionField,
  EdgeField,
  PageInfoField,
  RequestedConnectionPage,
} from '../../records/connection-plan.ts';
import type { ConstantField, RequestedConnection, RequestedSelection } from '../../records/plan.ts';
import type { ValueSource } from '../../records/value-source.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { readPageSize } from '../lists/page-arguments.ts';
import { readOrderedRows } from '../lists/read-list.ts';
import { readSelection } from '../read-selection.ts';

/** All that a connection field asks for. Throws BAD_USER_INPUT for first and last together. */
export function readConnection(table: TableModel, asked: AskedField): RequestedConnection {
  return {
    table,
    ...readOrderedRows(asked),
    page: readConnectionPage(asked),
    fields: asked.under().map((field) => readConnectionField(table, field)),
  };
}

/** Null means the same as leaving out. */
function readConnectionPage(asked: AskedField): RequestedConnectionPage {
  const [first, last] = [asked.argument('first'), asked.argument('last')];
  if (first.kind === 'leaf' && last.kind === 'leaf') {
    throw new ServiceError(
      'BAD_USER_INPUT',
      'first and last cannot be given together: first is a page from the start of the list, last one from its end.',
    );
  }
  const cursor = (name: 'after' | 'before'): ValueSource | null => {
    const argument = asked.argument(name);
    return argument.kind === 'leaf' ? argument.source : null;
  };
  const end = last.kind === 'leaf' ? 'last' : 'first';
  return { size: readPageSize(asked, end), end, after: cursor('after'), before: cursor('before') };
}

function readConnectionField(table: TableModel, asked: AskedField): ConnectionField<RequestedSelection> {
  const { key } = asked;
  if (asked.name === '__typename') return typename(asked);
  const { kind } = asked.meaning;
  switch (kind) {
    case 'nodes':
      return { kind, key, selection: readSelection(table, asked) };
    case 'edges':
      return { kind, key, fields: asked.under().map((field) => readEdgeField(table, field)) };
    case 'pageInfo':
      return { kind, key, fields: asked.under().map(readPageInfoField) };
    case 'totalCount':
      return { kind, key };
    default:
      throw new Error(`${asked.name} is no part of a connection`);
  }
}

function readEdgeField(table: TableModel, asked: AskedField): EdgeField<RequestedSelection> {
  const { key } = asked;
  if (asked.name === '__typename') return typename(asked);
  const { kind } = asked.meaning;
  if (kind === 'cursor') return { kind, key };
  if (kind === 'edgeNode') return { kind, key, selection: readSelection(table, asked) };
  throw new Error(`${asked.name} is no part of an edge`);
}

function readPageInfoField(asked: AskedField): PageInfoField {
  const { key } = asked;
  if (asked.name === '__typename') return typename(asked);
  const { kind } = asked.meaning;
  switch (kind) {
    case 'hasNextPage':
    case 'hasPreviousPage':
    case 'startCursor':
    case 'endCursor':
      return { kind, key };
    default:
      throw new Error(`${asked.name} is no part of PageInfo`);
  }
}

function typename({ key, parent }: AskedField): ConstantField {
  return { kind: 'constant', key, value: parent.name };
}
