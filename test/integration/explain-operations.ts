// What a mobile app asks most, and what of its plan must be so.

import type { Asking } from './explain-world.ts';

export interface ExplainedOperation {
  readonly name: string;
  readonly query: string;
  readonly as?: Asking;
  readonly served: readonly RegExp[];
  /** The table that is read through: no index has what is asked. */
  readonly reads?: string;
}

const NODES = 'nodes { id text list { name } }';

export const OPERATIONS: readonly ExplainedOperation[] = [
  {
    name: 'one row by its id',
    query: '{ item(by: { id: "i000077" }) { text list { name } } }',
    served: [/item\.pkey.*\n.*Index Cond: \(id = /],
  },
  {
    name: 'one row by another key',
    query: '{ item(by: { code: "C77" }) { text } }',
    served: [/item\.code\.key.*\n.*Index Cond: \(code = /],
  },
  {
    name: 'a list',
    query: '{ items { id text list { name } } }',
    served: [/Index Scan using "item\.pkey"/, /list\.pkey/],
  },
  {
    name: 'a list in an order that an index has',
    query: '{ items(orderBy: { position: DESC }) { id } }',
    served: [/Index Scan Backward using "item\.position\.idx"/],
  },
  {
    name: 'a list in the order of a text',
    query: '{ items(orderBy: { text: DESC }) { id } }',
    served: [/Index Scan Backward using "item\.text\.order by\.idx"/],
  },
  {
    name: 'a list in an order that no index has: only the page becomes JSON',
    query: '{ items(orderBy: { rank: DESC }) { id text } }',
    served: [/Limit.*\n.*Sort.*\n.*Sort Key: t1\.rank DESC, t1\.id.*\n.*Sort Method.*\n.*Seq Scan on item t1/],
    reads: 'item',
  },
  {
    name: 'a list where a column is one of some',
    query: '{ items(where: { position: { in: [7, 77, 777] } }) { id text } }',
    served: [/item\.position\.idx"?.*\n.*Index Cond: \("?position"? = ANY/],
  },
  {
    name: 'a list of a span of time, in its order',
    query:
      '{ items(where: { dueAt: { gte: "2026-01-02T00:00:00Z", lt: "2026-01-03T00:00:00Z" } }, orderBy: { dueAt: ASC }) { id dueAt } }',
    served: [/Index Scan using "item\.due_at\.idx"/],
  },
  {
    name: 'a list where a text begins',
    query: '{ items(where: { text: { startsWith: "Item 7777" } }) { id text } }',
    served: [/item\.text\.idx/],
  },
  {
    name: 'a list where the row that it belongs to is',
    query: '{ items(where: { list: { name: { eq: "List 7" } } }, orderBy: { position: ASC }) { id } }',
    served: [/list\.name\.key/, /item\.list_id\.idx/],
  },
  {
    name: 'a list where one of the related rows is',
    query: '{ lists(where: { items: { some: { position: { eq: 7 } } } }) { id name } }',
    served: [/item\.position\.idx/],
  },
  {
    name: 'a list of what is deleted',
    query: '{ list(by: { id: "l1" }) { items(deleted: ONLY) { id } } }',
    served: [/item\.list_id\.idx/],
  },
  {
    name: 'a list of what the caller may see',
    query: '{ notes(first: 20) { text members { userId } } }',
    as: 'user',
    served: [/note\.owner_id\.idx/, /member\.note_id\.idx/],
  },
  {
    name: 'a list of what the caller may see as owner or as member',
    query: '{ shareds(first: 20) { text members { userId } } }',
    as: 'user',
    served: [/member\.user_id\.idx/, /member\.shared_id\.idx/],
  },
  {
    name: 'lists in a list',
    query: '{ lists { name items(orderBy: { rank: DESC }, first: 3) { text } } }',
    served: [/item\.list_id\.idx"?.*\n.*Index Cond: \(list_id = t\d\.id\)/],
  },
  {
    name: 'lists in lists in a list',
    query: '{ lists(first: 5) { name items(first: 5) { text tags { name } } } }',
    served: [/item\.list_id\.idx/, /item_tags/],
  },
  {
    name: 'a list of many to many',
    query: '{ tag(by: { name: "Tag 7" }) { items(first: 10) { text } } }',
    served: [/tag\.name\.key/, /item_tags/],
  },
  {
    name: 'connections in a list, with what is counted',
    query: '{ lists(first: 10) { itemsConnection(first: 3) { totalCount pageInfo { hasNextPage } nodes { id } } } }',
    served: [/item\.list_id\.idx.*\n.*Index Cond: \(list_id = t\d\.id\)/],
  },
  {
    name: 'a list of a row, ordered by what is related',
    query: '{ list(by: { id: "l7" }) { items(orderBy: [{ list: { name: ASC } }, { rank: ASC }]) { id } } }',
    served: [/item\.list_id\.idx/, /list\.pkey/],
  },
  {
    name: 'a list in the order of how many rows are related',
    query: '{ lists(where: { id: { eq: "l1" } }, orderBy: { items: { count: DESC } }) { id } }',
    served: [/item\.list_id\.idx/],
  },
  {
    name: 'aggregates of the rows of a page',
    query: '{ lists(first: 10) { name itemsAggregate { count max { dueAt } } } }',
    served: [/item\.list_id\.idx.*\n.*Index Cond: \(list_id = t\d\.id\)/],
  },
  {
    name: 'groups of some rows',
    query: '{ itemsAggregate(where: { position: { lt: 100 } }, groupBy: [LIST_ID]) { group { listId } count } }',
    served: [/item\.position\.idx/],
  },
  {
    name: 'a page after a cursor',
    query: `{ itemsConnection(after: "@150") { ${NODES} pageInfo { hasNextPage hasPreviousPage } } }`,
    served: [
      /item\.pkey" on item t\d+ .*\n.*Index Cond: \(id > /,
      /Index Cond: \(\(id <= .* AND \(id = /,
      /item t\w+ \(never executed\)/,
    ],
  },
  {
    name: 'a page after a cursor, in an order that an index has',
    query: `{ itemsConnection(orderBy: { position: ASC }, after: "@150") { ${NODES} } }`,
    served: [/"item\.position\.idx" on item t\d+ .*\n.*Index Cond: \("position" >= /],
  },
  {
    name: 'a page after a cursor, in the order of a text',
    query: `{ itemsConnection(orderBy: { text: ASC }, after: "@150") { ${NODES} } }`,
    served: [/"item\.text\.order by\.idx" on item t\d+ .*\n.*Index Cond: \(\(text\)::text >= /],
  },
  {
    name: 'a page after a cursor, the other way round',
    query: `{ itemsConnection(orderBy: { position: DESC }, after: "@150") { ${NODES} } }`,
    served: [/Backward using "item\.position\.idx" on item t\d+ .*\n.*Index Cond: \("position" <= /],
  },
  {
    name: 'a page after a cursor, by a column that may be missing',
    query: `{ itemsConnection(orderBy: { dueAt: ASC }, after: "@150") { ${NODES} } }`,
    served: [
      /using "item\.due_at\.idx" on item t\d+ .*\n.*Index Cond: \(due_at >= /,
      // Not read at all while the others fill the page.
      /using "item\.due_at\.idx" on item t\d+ \(never executed\)\n.*Index Cond: \(due_at IS NULL\)/,
    ],
  },
  {
    name: 'a page after a cursor, missing values last the other way round',
    query: `{ itemsConnection(orderBy: { dueAt: DESC_NULLS_LAST }, after: "@150") { ${NODES} } }`,
    served: [
      /Backward using "item\.due_at\.idx" on item t\d+ .*\n.*Index Cond: \(due_at <= /,
      /Index Cond: \(due_at IS NULL\)/,
    ],
  },
  {
    name: 'a page before a cursor',
    query: `{ itemsConnection(orderBy: { dueAt: ASC }, last: 10, before: "@150") { ${NODES} } }`,
    served: [/Backward using "item\.due_at\.idx" on item t\d+ .*\n.*Index Cond: \(due_at <= /],
  },
];
