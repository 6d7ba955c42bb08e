// How much one operation may ask for, whoever asks. Each limit is checked where it can be known: those of the document when
// it is validated, those of pages when they are bound, cost and rows before anything is run.

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
});

/** The limits of a whole operation. */
export type OperationLimit = 'depth' | 'aliases' | 'fields' | 'rows' | 'cost';

const WORDS: Readonly<Record<OperationLimit, (value: number, max: number) => string>> = {
  depth: (value, max) => `The operation has ${value} levels of fields, and may have ${max}`,
  aliases: (value, max) => `The operation has ${value} fields under another name, and may have ${max}`,
  fields: (value, max) => `The operation has ${value} fields, and may have ${max}`,
  rows: (value, max) => `The operation asks for up to ${value} rows, and may ask for ${max}`,
  cost: (value, max) => `The operation costs ${value}, and may cost ${max}`,
};

const ADVICE: Readonly<Record<OperationLimit, string>> = {
  depth: 'Ask for less at once.',
  aliases: 'Ask for less at once.',
  fields: 'Ask for less at once.',
  rows: 'Ask for smaller pages with first, or for less at once.',
  cost: 'Ask for smaller pages with first, or for less at once.',
};

/** QUERY_TOO_COMPLEX, for a value over a limit; `path` is the first field that is too much, by response keys. */
export function tooComplex(
  name: OperationLimit,
  { value, max, path }: { readonly value: number; readonly max: number; readonly path: readonly string[] },
): ServiceError {
  const where = path.length > 0 ? `; ${path.join('.')} is the first that is too much` : '';
  return new ServiceError('QUERY_TOO_COMPLEX', `${WORDS[name](value, max)}${where}. ${ADVICE[name]}`, {
    limit: { name, max, value, path },
  });
}
