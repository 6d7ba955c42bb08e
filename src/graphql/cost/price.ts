// What the fields of an operation cost, by what they ask for. A price is reckoned once, with the plan; what a request makes
// of it depends on its page sizes alone (`check-price.ts`). The unit is a row that is answered; the rest is set in proportion.

import type { RequestedAggregate } from '../../records/aggregate-plan.ts';
import type { ConnectionField } from '../../records/connection-plan.ts';
import type {
  OrderKey,
  RequestedConnection,
  RequestedField,
  RequestedList,
  RequestedSelection,
} from '../../records/plan.ts';
import type { Slot } from '../../records/value-source.ts';
import type { Filter } from '../../tables/filter.ts';

/** What a field costs each time that it is answered. */
export interface Price {
  /** Null: a part that has no name in the answer. */
  readonly key: string | null;
  readonly cost: number;
  /** Rows that it answers itself. */
  readonly rows: number;
  /** Rows that are passed over. */
  readonly skip: Slot | null;
  /** How many times what is inside is answered: a page size, or once. */
  readonly times: Slot | 1;
  readonly inside: readonly Price[];
}

const COSTS = {
  /** Looking for something at all: a statement, or a subquery for each row. */
  look: 1,
  row: 1,
  /** A count of all rows of a list, whatever its page. */
  count: 5,
  /** An aggregate reads all rows that it is over. */
  aggregate: 5,
  /** Every relation that `where` or `orderBy` asks about is a subquery or a join over the whole list. */
  relation: 5,
} as const;

/** Groups that an aggregate is taken to have: there is no page to say how many. */
const GROUPS = 50;

/** Rows that are passed over for the price of one that is answered. */
export const SKIPPED_FOR_ONE = 100;

const NOTHING: Omit<Price, 'key'> = { cost: 0, rows: 0, skip: null, times: 1, inside: [] };

/** Of one row, by its key, through a relation, or as it was written. */
export function priceOfOne(key: string, selection: RequestedSelection): Price {
  return { ...NOTHING, key, cost: COSTS.look + COSTS.row, rows: 1, inside: pricesOfFields(selection) };
}

/** Of a page of a list. */
export function priceOfList(key: string, list: RequestedList): Price {
  const { first, skip } = list.page;
  return {
    ...NOTHING,
    key,
    cost: COSTS.look + costOfRelations(list),
    skip,
    times: first,
    inside: [priceOfRow(null, list)],
  };
}

/** Of a page by cursors. */
export function priceOfConnection(key: string, connection: RequestedConnection): Price {
  const { fields, page } = connection;
  const counts = fields.filter(({ kind }) => kind === 'totalCount').length;
  return {
    ...NOTHING,
    key,
    cost: COSTS.look + counts * COSTS.count + costOfRelations(connection),
    times: page.size,
    inside: pricesOfPage(fields),
  };
}

/** Of an aggregate, grouped or not. */
export function priceOfAggregate(key: string, aggregate: RequestedAggregate): Price {
  const groups = aggregate.groupBy.length > 0 ? GROUPS : 1;
  return {
    ...NOTHING,
    key,
    cost: COSTS.aggregate + groups * COSTS.row + COSTS.relation * relationsOf(aggregate.where),
    rows: groups,
  };
}

/** What is answered of rows that are written: each of `nodes` as often as there are rows. */
export function priceOfWritten(
  key: string,
  nodes: readonly { readonly key: string; readonly selection: RequestedSelection }[],
  times: Price['times'],
): Price {
  const inside = nodes.map((node) => priceOfRow(node.key, node.selection));
  return { ...NOTHING, key, cost: COSTS.look, times, inside };
}

function priceOfRow(key: string | null, selection: RequestedSelection): Price {
  return { ...NOTHING, key, cost: COSTS.row, rows: 1, inside: pricesOfFields(selection) };
}

function pricesOfFields({ fields }: RequestedSelection): Price[] {
  return fields.flatMap((field) => priceOfField(field) ?? []);
}

/** Values of a row come with it. */
function priceOfField(field: RequestedField): Price | null {
  switch (field.kind) {
    case 'one':
      return priceOfOne(field.key, field.one);
    case 'list':
      return priceOfList(field.key, field.list);
    case 'connection':
      return priceOfConnection(field.key, field.connection);
    case 'aggregate':
      return priceOfAggregate(field.key, field.aggregate);
    default:
      return null;
  }
}

/** A page is read once, and answered as often as it is asked for. */
function pricesOfPage(parts: readonly ConnectionField<RequestedSelection>[]): Price[] {
  const answered = parts.flatMap((part): Price[] => {
    if (part.kind === 'nodes') return [priceOfRow(part.key, part.selection)];
    if (part.kind !== 'edges') return [];
    const nodes = part.fields.flatMap((field) =>
      field.kind === 'edgeNode' ? [priceOfRow(field.key, field.selection)] : [],
    );
    const edge = nodes.length > 0 ? {} : { cost: COSTS.row, rows: 1 };
    return [{ ...NOTHING, ...edge, key: part.key, inside: nodes }];
  });
  const info = parts.find(({ kind }) => kind === 'pageInfo');
  return answered.length > 0 || !info ? answered : [{ ...NOTHING, key: info.key, cost: COSTS.row }];
}

function costOfRelations({
  where,
  orderBy,
}: {
  readonly where: Filter;
  readonly orderBy: readonly OrderKey[];
}): number {
  const ordered = orderBy.reduce((sum, { path, by }) => sum + path.length + (by.kind === 'count' ? 1 : 0), 0);
  return COSTS.relation * (relationsOf(where) + ordered);
}

function relationsOf(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.reduce((sum, part) => sum + relationsOf(part), 0);
    case 'not':
      return relationsOf(filter.part);
    case 'relation':
      return 1 + relationsOf(filter.filter);
    case 'count':
      return 1;
    default:
      return 0;
  }
}
