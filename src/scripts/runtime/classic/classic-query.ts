// `query` of a classic read, and what `tables.getTable(name)` is asked with: conditions that are all to hold, an order, a part.

import { comparison, type Where, whereOfFunction, whereOfText } from './expressions.ts';

export class ClassicQuery {
  /** Of a row that is asked for by its id. */
  readonly id = null;
  readonly #conditions: Where[] = [];
  readonly #order: Record<string, 'ASC' | 'DESC'>[] = [];
  #skip: number | null = null;
  #take: number | null = null;

  where(condition: unknown, ...values: unknown[]): this {
    this.#conditions.push(whereOf(condition, values));
    return this;
  }

  orderBy(...columns: string[]): this {
    this.#order.push(...columns.map((column) => ({ [column]: 'ASC' as const })));
    return this;
  }

  orderByDescending(...columns: string[]): this {
    this.#order.push(...columns.map((column) => ({ [column]: 'DESC' as const })));
    return this;
  }

  skip(count: number): this {
    this.#skip = count;
    return this;
  }

  take(count: number): this {
    this.#take = count;
    return this;
  }

  /** Rows are always whole in scripts. */
  select(): this {
    return this;
  }

  includeTotalCount(): this {
    return this;
  }

  getComponents(): object {
    return { filters: this.toWhere(), ordering: [...this.#order], skip: this.#skip, take: this.#take };
  }

  /** True: every row. */
  toWhere(): Where | true {
    const [first, ...others] = this.#conditions;
    if (first === undefined) return true;
    return others.length === 0 ? first : { AND: [...this.#conditions] };
  }

  /** As `ctx.tables.<table>.read` takes it. */
  toRead(): object {
    const where = this.toWhere();
    return {
      ...(where === true ? {} : { where }),
      ...(this.#order.length > 0 ? { orderBy: this.#order } : {}),
      ...(this.#skip === null ? {} : { skip: this.#skip }),
      ...(this.#take === null ? {} : { first: this.#take }),
    };
  }
}

function whereOf(condition: unknown, values: readonly unknown[]): Where {
  if (typeof condition === 'string') return whereOfText(condition);
  if (typeof condition === 'function') return whereOfFunction(condition as () => unknown, values);
  if (typeof condition !== 'object' || condition === null) {
    throw new TypeError('query.where() takes an object, a function or a text.');
  }
  const parts = Object.entries(condition).map(([column, value]) => comparison(column, 'eq', value ?? null));
  return parts.length === 1 ? (parts[0] ?? {}) : { AND: parts };
}
