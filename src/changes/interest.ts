// What a subscriber wants to be told of: rows of a table that pass a filter, and of their columns those that it looks at. The
// filter is the rule of the table and the client's own in one; it is prepared for one caller, and judges images.

import { bindSlot, type Request } from '../records/value-source.ts';
import type { Filter } from '../tables/filter.ts';
import { type Model, type TableModel, tableOf } from '../tables/model.ts';
import { type FilterWorld, type PreparedFilter, prepareFilter } from '../tables/prepare-filter.ts';
import type { Image } from './change.ts';
import { relatedRows, type Step } from './follow-relation.ts';
import { imageOf, rowsOf } from './image-value.ts';
import type { Mirror } from './mirror.ts';
import { type Route, routesOf } from './routes.ts';

/** The same for every caller of a class. */
export interface InterestPlan {
  readonly model: Model;
  readonly table: TableModel;
  /** Which rows; those that the caller may not be told of are not among them. */
  readonly rows: Filter;
  /** The columns that may be shown, by name. */
  readonly shown: ReadonlySet<string>;
  /** Those of them that tell of an update when they change. */
  readonly telling: ReadonlySet<string>;
}

/** Rows that a filter looks at behind a relation. A change of one may bring rows in, or put them out. */
export interface Use {
  /** From the rows that are followed. */
  readonly way: readonly Step[];
  /** Conditions that a row there meets if it counts; null: any may. */
  readonly routes: readonly Route[] | null;
}

/** An interest of one caller. */
export class Interest {
  readonly model: Model;
  readonly table: TableModel;
  /** Null: every row may be meant. */
  readonly routes: readonly Route[] | null;
  readonly uses: readonly Use[];
  readonly #passes: PreparedFilter;
  /** What relations are followed in, while the filter is asked. */
  #mirror: Mirror | null = null;

  constructor(
    readonly plan: InterestPlan,
    request: Request,
  ) {
    const { model, table, rows } = plan;
    this.model = model;
    this.table = table;
    const world: FilterWorld = {
      tableOf: (name) => tableOf(model, name),
      valueOf: (source, type, list) => bindSlot({ source, type, list }, request),
      related: (from, row, name) => {
        const relation = from.relations.get(name);
        if (!relation || !this.#mirror) throw new Error(`${from.name}.${name} cannot be followed`);
        return relatedRows(model, { from, relation }, imageOf(row), this.#mirror);
      },
    };
    const routing = { model, valueOf: world.valueOf };
    this.routes = routesOf(rows, table, routing);
    this.uses = [...usesOf(rows, table, routing)];
    this.#passes = prepareFilter(rows, table, world);
  }

  /** Whether the row is among those that are followed, with the related rows as the mirror has them. */
  has(image: Image, mirror: Mirror): boolean {
    this.#mirror = mirror;
    try {
      return this.#passes(rowsOf(this.table)(image)) === true;
    } finally {
      this.#mirror = null;
    }
  }
}

type Routing = Parameters<typeof routesOf>[2];

function* usesOf(
  filter: Filter,
  table: TableModel,
  routing: Routing,
  way: readonly Step[] = [],
  positive = true,
): Generator<Use> {
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.parts) yield* usesOf(part, table, routing, way, positive);
      return;
    case 'not':
      // Between false and unknown there is no difference but under NOT.
      yield* usesOf(filter.part, table, routing, way, false);
      return;
    case 'relation':
    case 'count': {
      const relation = table.relations.get(filter.relation);
      if (!relation) return;
      const target = tableOf(routing.model, relation.target);
      const next = [...way, { from: table, relation }];
      const counts =
        positive && filter.kind === 'relation' && (filter.quantifier === 'one' || filter.quantifier === 'some');
      yield { way: next, routes: counts ? routesOf(filter.filter, target, routing) : null };
      if (filter.kind === 'relation') yield* usesOf(filter.filter, target, routing, next, counts);
      yield* usesOf(filter.rows, target, routing, next, counts);
      const through = relation.link?.table;
      // Rules of the table between are judged over its rows alone: none of the model's reaches further.
      if (through && hasRelations(filter.linkRows)) throw new Error(`the rows of ${through} cannot be followed`);
      return;
    }
  }
}

function hasRelations(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.parts.some(hasRelations);
  if (filter.kind === 'not') return hasRelations(filter.part);
  return filter.kind === 'relation' || filter.kind === 'count';
}
