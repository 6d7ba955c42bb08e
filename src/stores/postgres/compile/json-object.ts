// JSON objects, whatever their keys and however many: keys are texts of the statement and stay in the order given. Where rows
// can carry the keys as names (`named-row.ts`), PostgreSQL is done sooner.

import { quoteText } from '../sql-text.ts';

/** A member of an object: an expression of SQL, under a key. */
export interface Member {
  readonly key: string;
  readonly value: string;
}

/** PostgreSQL takes at most 100 arguments a call, so that one json_build_object has at most this many members. */
const MEMBERS_PER_OBJECT = 50;

/** An object of SQL type json. */
export function jsonObject(members: readonly Member[]): string {
  const written = members.map(({ key, value }) => `${quoteText(key)}, ${value}`);
  const chunks = Array.from({ length: Math.ceil(written.length / MEMBERS_PER_OBJECT) }, (_, at) =>
    written.slice(at * MEMBERS_PER_OBJECT, (at + 1) * MEMBERS_PER_OBJECT),
  );
  const objects = chunks.map((chunk) => `json_build_object(${chunk.join(', ')})`);
  if (objects.length <= 1) return objects[0] ?? `'{}'::json`;
  // Joined as text, because only jsonb concatenates, and jsonb forgets the order of members.
  const inner = objects.map((object) => `substr(left(${object}::text, -1), 2)`);
  return `('{' || ${inner.join(` || ',' || `)} || '}')::json`;
}
