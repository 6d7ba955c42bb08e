// What the rows of a subscription are judged by, in a few characters: the rule, the client's filter, and the values in them.

import { createHash } from 'node:crypto';
import { type Request, resolveSource, type ValueSource } from '../../records/value-source.ts';
import type { Filter } from '../../tables/filter.ts';
import type { TableModel } from '../../tables/model.ts';

/** Names the rules of requests over the rows of a filter. Other names are other rows. */
export function rulesNamer(table: TableModel, rows: Filter): (request: Request) => string {
  const written = JSON.stringify([table.name, rows]);
  const sources = [...sourcesIn(rows)];
  return (request) => {
    const values = sources.map((source) => resolveSource(source, request) ?? null);
    const hash = createHash('sha256').update(written).update(JSON.stringify(values));
    return hash.digest('base64url').slice(0, 8);
  };
}

function* sourcesIn(part: unknown): Generator<ValueSource> {
  if (typeof part !== 'object' || part === null) return;
  const from: unknown = Reflect.get(part, 'from');
  if (from === 'caller' || from === 'variable') yield part as ValueSource;
  else for (const member of Object.values(part)) yield* sourcesIn(member);
}
