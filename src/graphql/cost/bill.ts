// What a request would cost, and answer: the prices of its operation with its page sizes, added up. Every request is added up;
// a bill that says where each amount comes from is made only of one that is refused.

import { type Request, resolveSource, type Slot } from '../../records/value-source.ts';
import { type Price, SKIPPED_FOR_ONE } from './price.ts';

export interface Amount {
  readonly rows: number;
  readonly cost: number;
}

/** What a request adds up to. */
export function totalOf(prices: readonly Price[], request: Request): Amount {
  const total = { rows: 0, cost: 0 };
  addTo(total, prices, 1, request);
  return total;
}

function addTo(total: { rows: number; cost: number }, prices: readonly Price[], times: number, request: Request): void {
  for (const price of prices) {
    total.rows += times * price.rows;
    total.cost += times * costOf(price, request);
    addTo(total, price.inside, price.times === 1 ? times : times * sizeOf(price.times, request), request);
  }
}

/** A price of one request, as often as its field is answered. */
export interface Charge extends Amount {
  /** Its field in the answer, by response keys. */
  readonly path: readonly string[];
  /** The page that says how often what is inside is answered; null: once, or nothing is. */
  readonly page: Page | null;
  readonly inside: readonly Charge[];
}

export interface Page {
  /** The argument that sets its size: first or last. */
  readonly argument: string;
  readonly size: number;
}

/** The charges of a request. */
export function chargesOf(prices: readonly Price[], request: Request, above: readonly string[] = []): Charge[] {
  return prices.map((price) => {
    const { key, rows, times, inside } = price;
    const path = key === null ? above : [...above, key];
    return {
      path,
      rows,
      cost: costOf(price, request),
      page:
        times === 1 || inside.length === 0
          ? null
          : { argument: times.bounds?.argument ?? '', size: sizeOf(times, request) },
      inside: chargesOf(inside, request, path),
    };
  });
}

/** Every charge and how often it is made, in the order of the answer; `rowsOf` says how many rows a page has. */
export function* linesOf(
  charges: readonly Charge[],
  rowsOf: (page: Page) => number = ({ size }) => size,
  times = 1,
): Generator<{ readonly charge: Charge; readonly times: number }> {
  for (const charge of charges) {
    yield { charge, times };
    yield* linesOf(charge.inside, rowsOf, charge.page ? times * rowsOf(charge.page) : times);
  }
}

function costOf({ cost, skip }: Price, request: Request): number {
  return cost + (skip ? sizeOf(skip, request) / SKIPPED_FOR_ONE : 0);
}

/** A size that is out of its bounds fails its field, later; here it counts as the nearest that is not. */
function sizeOf({ source, bounds }: Slot, request: Request): number {
  const size = Number(resolveSource(source, request) ?? 0);
  return Math.min(Math.max(0, size), bounds?.max ?? size);
}
