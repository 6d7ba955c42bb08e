// What to write instead of an operation that is too much: the page sizes with which it fits. People meet the limits first
// with default pages inside each other, where no size is written that could be made smaller.

import { type Amount, type Charge, linesOf, type Page } from './bill.ts';

interface PagedCharge extends Charge {
  readonly page: Page;
}

/** Pages that are named in one way. */
const MOST_NAMES = 10;

/**
 * A sentence with the sizes; each way in it is enough, for both limits. Tried are the page with most rows alone, and all
 * pages that lead to it; then all pages. Null: no size helps.
 */
export function fittingPages(charges: readonly Charge[], limits: Amount): string | null {
  const largest = chainToLargest(charges);
  const waysWith = (...lowered: (readonly PagedCharge[])[]) =>
    lowered.flatMap((pages) => largestThatFit(charges, pages, limits) ?? []);
  const few = waysWith(largest.slice(-1), largest);
  const ways = few.length > 0 ? few : waysWith(charges.flatMap(pagesUnder));
  return ways.length > 0 ? `It fits with ${[...new Set(ways)].join(', or with ')}.` : null;
}

/** The pages inside each other of which the last has most rows in all. */
function chainToLargest(charges: readonly Charge[]): readonly PagedCharge[] {
  let largest: { readonly rows: number; readonly page: Page | null } = { rows: 0, page: null };
  for (const { charge, times } of linesOf(charges)) {
    const rows = times * (charge.page?.size ?? 0);
    if (rows > largest.rows) largest = { rows, page: charge.page };
  }
  return largest.page ? chainTo(largest.page, charges) : [];
}

function chainTo(page: Page, charges: readonly Charge[]): readonly PagedCharge[] {
  for (const charge of charges) {
    const inside = chainTo(page, charge.inside);
    if (charge.page === page || inside.length > 0) return isPaged(charge) ? [charge, ...inside] : inside;
  }
  return [];
}

function pagesUnder(charge: Charge): readonly PagedCharge[] {
  const inside = charge.inside.flatMap(pagesUnder);
  return isPaged(charge) ? [charge, ...inside] : inside;
}

function isPaged(charge: Charge): charge is PagedCharge {
  return charge.page !== null;
}

/** In words, the most rows that each of the pages may have; those that have fewer stay as they are. Null: not one. */
function largestThatFit(charges: readonly Charge[], pages: readonly PagedCharge[], limits: Amount): string | null {
  const lowered = new Set(pages.map(({ page }) => page));
  const fits = (most: number) => {
    const total = { rows: 0, cost: 0 };
    const rowsOf = (page: Page) => (lowered.has(page) ? Math.min(page.size, most) : page.size);
    for (const { charge, times } of linesOf(charges, rowsOf)) {
      total.rows += times * charge.rows;
      total.cost += times * charge.cost;
    }
    return total.rows <= limits.rows && total.cost <= limits.cost;
  };
  let most = 0;
  let tooMany = pages.reduce((max, { page }) => Math.max(max, page.size), 0);
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most === 0 ? null : inWords(most, pages);
}

function inWords(most: number, pages: readonly PagedCharge[]): string {
  const lowered = pages.filter(({ page }) => page.size > most);
  const sizes = [...new Set(lowered.map(({ page }) => `${page.argument}: ${most}`))].join(' or ');
  const names = lowered.map(({ path }) => path.join('.'));
  if (names.length > MOST_NAMES) return `${sizes} on each of its ${names.length} largest pages`;
  const last = names.pop();
  return names.length === 0 ? `${sizes} on ${last}` : `${sizes} on each of ${names.join(', ')} and ${last}`;
}
