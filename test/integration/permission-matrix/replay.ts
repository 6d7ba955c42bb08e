// A write under a key of the client's, and then the same under the same key by everybody: the one who asked gets the answer
// that was given, and it is done once; to others the key says nothing.

import { ask, type TestService } from '../../support/open-test-service.ts';
import type { Cells } from './cells.ts';
import { said } from './check-reads.ts';
import { restore, stateOf } from './check-writes.ts';
import { oracle } from './oracle.ts';
import { isTurn } from './turns.ts';
import { namesOf, ROWS, type Row, type Who } from './world.ts';

/** The keys of different actors have nothing to do with each other. */
const actorOf = ({ admin, user, key }: Who) => (admin ? 'master' : (user ?? (key ? 'key' : 'public')));

export async function checkReplay(
  app: TestService,
  cells: Cells,
  kind: string,
  callers: readonly Who[],
): Promise<void> {
  const rows = ROWS.filter(({ deleted }) => !deleted);
  for (const [number, who] of callers.entries()) {
    for (const [at, row] of rows.entries()) {
      if (isTurn(number + at, true)) await checkKey(app, cells, kind, { who, row, others: callers });
    }
  }
}

interface Asked {
  readonly who: Who;
  readonly row: Row;
  readonly others: readonly Who[];
}

/** One key: it is used twice by the same caller, and then by all the others. */
async function checkKey(app: TestService, cells: Cells, kind: string, { who, row, others }: Asked): Promise<void> {
  const key = `${kind}-${who.name}-${row.id}`.replaceAll(' ', '-');
  const query = `mutation { done: update${namesOf(kind).type}(by: { id: "${row.id}" }, increment: { size: 1 }) { id } }`;
  const size = async () => (await stateOf(app, kind)).rows[row.id]?.size ?? 0;
  const used = new Map<string, Who>();
  for (const as of [who, who, ...others.filter((one) => one !== who)]) {
    const before = await size();
    const answer = await ask(app.url, query, { headers: { ...as.headers, 'idempotency-key': key } });
    const actual = { ...said(answer), grown: (await size()) - before };
    const fresh = freshly(as, kind, row);
    const earlier = as.broken ? undefined : used.get(actorOf(as));
    const cell = `${as.name} after ${who.name}, ${kind}, ${row.id}`;
    cells.check(as === who ? 'replay by the same' : 'replay by others', cell, actual, replayed(as, earlier, fresh));
    if (fresh.grown === 1 && !earlier) used.set(actorOf(as), as);
  }
  await restore(app, kind, await stateOf(app, kind));
}

interface Told {
  readonly data: unknown;
  readonly codes: readonly (string | null)[];
  readonly grown: number;
}

/** What a caller is answered whose key is new; what was refused is not kept. */
function freshly(as: Who, kind: string, row: Row): Told {
  const { refused, may, becomes, offered } = oracle(as, kind);
  const invalid = refused(['UPDATE']);
  if (invalid) return { data: null, codes: [invalid], grown: 0 };
  if (!may('UPDATE', row)) return { data: null, codes: ['NOT_FOUND'], grown: 0 };
  if (!becomes('UPDATE', row)) return { data: null, codes: ['FORBIDDEN'], grown: 0 };
  return { data: { done: may('READ', row) || !offered('READ') ? { id: row.id } : null }, codes: [], grown: 1 };
}

function replayed(as: Who, earlier: Who | undefined, fresh: Told): Told {
  if (!earlier) return fresh;
  // One actor with other credentials asks for something else under a key that it has used.
  const same = as === earlier || (as.admin && earlier.admin);
  return same ? { ...fresh, grown: 0 } : { data: null, codes: ['BAD_USER_INPUT'], grown: 0 };
}
