// Finding, among many, those that a row can concern: by the values that their routes ask for.

import { columnOf, type Model, type TableModel, tableOf } from '../tables/model.ts';
import type { Image } from './change.ts';
import { imagesAlong, type Step } from './follow-relation.ts';
import type { Mirror } from './mirror.ts';
import type { Route } from './routes.ts';

/** Everything that asks for the same column, at the end of the same way. */
interface Lane<Item> {
  readonly model: Model;
  readonly way: readonly Step[];
  /** By its name in the database. Of the types that have routes, images hold the same texts as routes do. */
  readonly sqlColumn: string;
  readonly byValue: Map<string, Set<Item>>;
}

/** Items over the rows of one table. */
export class Router<Item> {
  readonly #lanes = new Map<string, Lane<Item>>();
  readonly #everywhere = new Set<Item>();
  #items = 0;

  get isEmpty(): boolean {
    return this.#items === 0;
  }

  /** Adds an item whose rows meet one of the routes; null: any row may concern it. Returns its end. */
  add(item: Item, model: Model, table: TableModel, routes: readonly Route[] | null): () => void {
    this.#items += 1;
    if (routes === null) this.#everywhere.add(item);
    for (const route of routes ?? []) {
      const { byValue } = this.#lane(model, table, route);
      for (const value of route.values) {
        const items = byValue.get(value);
        if (items) items.add(item);
        else byValue.set(value, new Set([item]));
      }
    }
    return () => this.#remove(item, model, routes);
  }

  /** What a row can concern. Asks the mirror where ways lead away from the row. */
  find(image: Image, mirror: Mirror): ReadonlySet<Item> {
    // Mostly there is one set, and nothing to copy.
    let found: ReadonlySet<Item> = this.#everywhere;
    for (const { model, way, sqlColumn, byValue } of this.#lanes.values()) {
      if (way.length === 0) found = joined(found, byValue.get(image[sqlColumn] ?? ''));
      else {
        for (const end of imagesAlong(model, way, image, mirror))
          found = joined(found, byValue.get(end[sqlColumn] ?? ''));
      }
    }
    return found;
  }

  /** Whether a row may concern others since these columns of it changed, by their names in the database. */
  isMovedBy(changed: readonly string[]): boolean {
    for (const { way, sqlColumn } of this.#lanes.values())
      if (way.length > 0 || changed.includes(sqlColumn)) return true;
    return false;
  }

  /** All items, each once. */
  all(): Set<Item> {
    const found = new Set(this.#everywhere);
    for (const { byValue } of this.#lanes.values())
      for (const items of byValue.values()) for (const item of items) found.add(item);
    return found;
  }

  #lane(model: Model, table: TableModel, { way, column }: Route): Lane<Item> {
    const name = laneName(model, way, column);
    const known = this.#lanes.get(name);
    if (known) return known;
    const last = way.at(-1);
    const end = last ? tableOf(model, last.relation.target) : table;
    const lane: Lane<Item> = {
      model,
      way,
      sqlColumn: columnOf(end, column).sqlName,
      byValue: new Map(),
    };
    this.#lanes.set(name, lane);
    return lane;
  }

  #remove(item: Item, model: Model, routes: readonly Route[] | null): void {
    this.#items -= 1;
    this.#everywhere.delete(item);
    for (const { way, column, values } of routes ?? []) {
      const name = laneName(model, way, column);
      const byValue = this.#lanes.get(name)?.byValue;
      for (const value of values) {
        const items = byValue?.get(value);
        items?.delete(item);
        if (items?.size === 0) byValue?.delete(value);
      }
      if (byValue?.size === 0) this.#lanes.delete(name);
    }
  }
}

function laneName({ version }: Model, way: readonly Step[], column: string): string {
  return [version, ...way.map(({ relation }) => relation.name), column].join(' ');
}

function joined<Item>(some: ReadonlySet<Item>, more: ReadonlySet<Item> | undefined): ReadonlySet<Item> {
  if (!more || more === some) return some;
  return some.size === 0 ? more : new Set([...some, ...more]);
}
