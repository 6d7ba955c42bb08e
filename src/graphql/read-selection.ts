// What is asked of the rows of a table, in the words of records. Everything that a row can have is told apart here.

import type { GraphQLNamedType } from 'graphql';
import type { RequestedField, RequestedSelection } from '../records/plan.ts';
import type { TableModel } from '../tables/model.ts';
import { readAggregate } from './aggregates/read-aggregate.ts';
import type { AskedField } from './asked-field.ts';
import { readConnection } from './connections/read-connection.ts';
import { readList } from './lists/read-list.ts';

/** What `asked` asks of the rows of `table` that are its value; with `type`, where they are rows of that type. */
export function readSelection(table: TableModel, asked: AskedField, type?: GraphQLNamedType): RequestedSelection {
  return { table, fields: asked.under(type).map(readField) };
}

function readField(asked: AskedField): RequestedField {
  const { key, parent } = asked;
  if (asked.name === '__typename') return { kind: 'constant', key, value: parent.name };
  const { meaning } = asked;
  switch (meaning.kind) {
    case 'column':
      return { kind: 'column', key, column: meaning.column };
    case 'nodeId':
      return { kind: 'nodeId', key };
    case 'related':
      return { kind: 'one', key, relation: meaning.relation, one: readSelection(meaning.target, asked) };
    case 'list':
    case 'connection':
    case 'aggregate': {
      const { table, relation } = meaning;
      if (!relation) break;
      if (meaning.kind === 'list') return { kind: 'list', key, relation, list: readList(table, asked) };
      if (meaning.kind === 'connection')
        return { kind: 'connection', key, relation, connection: readConnection(table, asked) };
      return { kind: 'aggregate', key, relation, aggregate: readAggregate(table, asked) };
    }
  }
  throw new Error(`${parent.name}.${asked.name} is no field of a row`);
}
