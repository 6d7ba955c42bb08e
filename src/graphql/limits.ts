// How much one operation may ask for, whoever asks. Each limit is checked where it can be known: those of the document when
// it is validated, those of filters and orders when they are read, those of pages when they are bound, cost and rows before
// anything is run.

import { ServiceError } from '../platform/errors.ts';

export interface Limits {
  /** Rows of a page when a client does not say, and at most. */
  readonly pageSize: number;
  readonly page: number;
  /** Fields inside fields, the innermost counted. */
  readonly depth: number;
  /** Fields under another name at the root, or with fields of their own: each may be a statement or a subquery. */
  readonly aliases: number;
  /** Fields and fragments, with the fragments opened. */
  readonly fields: number;
  /** Rows that may be answered, by the sizes of the pages. */
  readonly rows: number;
  /** What is to be done for an answer; `cost/price.ts` says how it is reckoned. */
  readonly cost: number;
  /** Objects of AND, OR, NOT and relations inside each other in one filter, the outermost counted. */
  readonly filterDepth: number;
  /** Comparisons and relations in one filter. */
  readonly filterConditions: number;
  /** Keys of one order; each may be a join, and is a comparison for every row. */
  readonly orderKeys: number;
  /** Relations on the way to one key of an order. */
  readonly orderRelations: number;
}

/** The limits where nobody says otherwise. */
export const LIMITS: Limits = Object.freeze({
  pageSize: 50,
  page: 1_000,
  depth: 10,
  aliases: 100,
  fields: 10_000,
  rows: 10_000,
  cost: 20_000,
  filterDepth: 10,
  filterConditions: 100,
  orderKeys: 10,
  orderRelations: 5,
});

/** The limits that refuse an operation as a whole; a page that is too large fails its field. */
export type OperationLimit = Exclude<keyof Limits, 'pageSize' | 'page'>;

const WORDS: Readonly<Record<OperationLimit, (value: number, max: number) => string>> = {
  depth: (value, max) => `The operation has ${value} levels of fields, and may have ${max}`,
  aliases: (value, max) => `The operation has ${value} fields under another name, and may have ${max}`,
  fields: (value, max) => `The operation has ${value} fields, and may have ${max}`,
  rows: (value, max) => `The operation asks for up to ${value} rows, and may ask for ${max}`,
  cost: (value, max) => `The operation costs ${value}, and may cost ${max}`,
  filterDepth: (value, max) => `A filter nests ${value} levels of AND, OR, NOT and relations, and may nest ${max}`,
  filterConditions: (value, max) => `A filter has ${value} conditions, and may have ${max}`,
  orderKeys: (value, max) => `An orderBy has ${value} keys, and may have ${max}`,
  orderRelations: (value, max) => `A key of an orderBy goes through ${value} relations, and may go through ${max}`,
};

const ADVICE: Readonly<Partial<Record<OperationLimit, string>>> = {
  orderKeys: 'Order by fewer: rows that are equal in all of them are put in order by id.',
  orderRelations: 'Order by something nearer.',
};

/** A value over a limit. */
export interface Excess {
  readonly value: number;
  readonly max: number;
  /** The first place that is too much: a field by response keys, and what is inside its argument. */
  readonly path: readonly string[];
  /** What to do, as a sentence; left out: to ask for less. */
  readonly advice?: string;
}

/** QUERY_TOO_COMPLEX, for a value over a limit. */
export function tooComplex(name: OperationLimit, { value, max, path, advice }: Excess): ServiceError {
  const where = path.length > 0 ? `; ${path.join('.')} is the first that is too much` : '';
  const todo = advice ?? ADVICE[name] ?? 'Ask for less at once.';
  return new ServiceError('QUERY_TOO_COMPLEX', `${WORDS[name](value, max)}${where}. ${todo}`, {
    limit: { name, max, value, path },
  });
}
