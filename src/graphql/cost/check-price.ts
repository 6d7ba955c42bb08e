// What a request would cost, before any of it is run: the prices of its operation with the page sizes of its variables.

import { type Request, resolveSource, type Slot } from '../../records/value-source.ts';
import { type Limits, tooComplex } from '../limits.ts';
import { type Price, SKIPPED_FOR_ONE } from './price.ts';

type Kind = 'rows' | 'cost';

/** Throws QUERY_TOO_COMPLEX when the fields together ask for more rows, or cost more, than they may. */
export function checkPrice(prices: readonly Price[], request: Request, limits: Pick<Limits, Kind>): void {
  const bill = new Bill(limits);
  for (const price of prices) charge(price, 1, request, bill);
  bill.check();
}

function charge(price: Price, times: number, request: Request, bill: Bill): void {
  const { key, cost, rows, skip, inside } = price;
  if (key !== null) bill.path.push(key);
  bill.add('rows', times * rows);
  bill.add('cost', times * (cost + (skip ? sizeOf(skip, request) / SKIPPED_FOR_ONE : 0)));
  const each = price.times === 1 ? times : times * sizeOf(price.times, request);
  for (const part of inside) charge(part, each, request, bill);
  if (key !== null) bill.path.pop();
}

/** A size that is out of its bounds fails its field, later; here it counts as the nearest that is not. */
function sizeOf({ source, bounds }: Slot, request: Request): number {
  const size = Number(resolveSource(source, request) ?? 0);
  return Math.min(Math.max(0, size), bounds?.max ?? size);
}

/** What was added up, and where it was too much first. */
class Bill {
  /** Of the field that is added. */
  readonly path: string[] = [];
  readonly #sums: Record<Kind, number> = { rows: 0, cost: 0 };
  readonly #over: Partial<Record<Kind, readonly string[]>> = {};

  constructor(private readonly limits: Pick<Limits, Kind>) {}

  add(kind: Kind, value: number): void {
    this.#sums[kind] += value;
    if (this.#sums[kind] > this.limits[kind]) this.#over[kind] ??= [...this.path];
  }

  /** Throws for the first limit that was passed. */
  check(): void {
    for (const kind of ['rows', 'cost'] as const) {
      const path = this.#over[kind];
      if (path) throw tooComplex(kind, { value: Math.ceil(this.#sums[kind]), max: this.limits[kind], path });
    }
  }
}
