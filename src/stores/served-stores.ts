// Which stores this version serves. The model knows more: a table of another one is read and checked, and then refused here,
// before anything is done to a database.

import type { Model } from '../tables/model.ts';

/** Throws an Error for people if a table is kept where this version does not serve it. */
export function assertServed(model: Model): void {
  const names = [...model.tables.values()].filter(({ store }) => store !== 'SQL').map(({ name }) => name);
  if (names.length === 0) return;
  const kept = names.length === 1 ? `${names[0]} is kept` : `${names.join(', ')} are kept`;
  throw new Error(
    `${kept} in MongoDB, which this version does not serve yet: leave out store: MONGODB to keep the rows in PostgreSQL.`,
  );
}
