// Whether a request asks for too much: judged before any of it is run.

import type { Request } from '../../records/value-source.ts';
import { tooComplex } from '../limits.ts';
import { type Amount, type Charge, chargesOf, linesOf, totalOf } from './bill.ts';
import { fittingPages } from './fitting-pages.ts';
import type { Price } from './price.ts';

const KINDS = ['rows', 'cost'] as const satisfies readonly (keyof Amount)[];

/** Throws QUERY_TOO_COMPLEX when the fields together ask for more rows, or cost more, than they may. */
export function checkPrice(prices: readonly Price[], request: Request, limits: Amount): void {
  const total = totalOf(prices, request);
  for (const kind of KINDS) {
    const max = limits[kind];
    if (total[kind] <= max) continue;
    const charges = chargesOf(prices, request);
    const advice = fittingPages(charges, limits);
    throw tooComplex(kind, {
      value: Math.ceil(total[kind]),
      max,
      path: firstOver(charges, kind, max),
      ...(advice === null ? {} : { advice }),
    });
  }
}

function firstOver(charges: readonly Charge[], kind: keyof Amount, max: number): readonly string[] {
  let sum = 0;
  for (const { charge, times } of linesOf(charges)) {
    sum += times * charge[kind];
    if (sum > max) return charge.path;
  }
  return [];
}
