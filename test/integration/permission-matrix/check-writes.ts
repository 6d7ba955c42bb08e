// Does every write as every caller, and compares the answer, the words of refusals, and what is in the tables afterwards with
// the simulation's. A kind's tables are brought back whenever something was written.

import { isDeepStrictEqual } from 'node:util';
import { type Answer, ask, type TestService } from '../../support/open-test-service.ts';
import type { Cells } from './cells.ts';
import { said } from './check-reads.ts';
import { oracle } from './oracle.ts';
import type { WritePath } from './row-writes.ts';
import { FIRST, Simulation, type State } from './simulation.ts';
import { takesTurn } from './turns.ts';
import { ABSENT, IDS, namesOf, type Row, restoration, type Who } from './world.ts';

/** What is in the tables of a kind. */
export async function stateOf(app: TestService, kind: string): Promise<State> {
  const [rows, hubs, pointers] = (['Row', 'Hub', 'Pointer'] as const).map((what) => namesOf(kind, what).sql);
  const [found] = await app.database.query<{ rows: Row[]; hubs: object; pointers: object; many: string[] }>(`
    SELECT (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'owner', owner_id, 'team', team,
             'open', open, 'size', size, 'hub', hub_id, 'deleted', deleted)), '[]') FROM ${rows}) AS rows,
           (SELECT coalesce(json_object_agg(id, owner_id), '{}') FROM ${hubs}) AS hubs,
           (SELECT coalesce(json_object_agg(id, row_id), '{}') FROM ${pointers}) AS pointers,
           (SELECT coalesce(json_agg(${pointers}_id || ' ' || ${rows}_id), '[]') FROM ${pointers}_many) AS many`);
  if (!found) throw new Error('a SELECT without FROM has a row');
  const { hubs: owners, pointers: targets, many } = found;
  return sorted({
    rows: Object.fromEntries(found.rows.map((row) => [row.id, row])),
    hubs: owners as State['hubs'],
    pointers: targets as State['pointers'],
    many,
  });
}

const sorted = (state: State): State => ({ ...state, many: state.many.toSorted() });
const FIRST_SORTED = sorted(FIRST);

/** Brings a kind's tables back if something was written. */
export async function restore(app: TestService, kind: string, state: State): Promise<void> {
  if (!isDeepStrictEqual(state, FIRST_SORTED)) await app.database.query(restoration(kind));
}

export async function checkWrites(
  app: TestService,
  cells: Cells,
  kind: string,
  {
    callers,
    paths,
    send = ask,
  }: { readonly callers: readonly Who[]; readonly paths: readonly WritePath[]; readonly send?: typeof ask },
): Promise<void> {
  for (const who of callers) {
    const { refused } = oracle(who, kind);
    const takes = takesTurn(callers, who, kind);
    for (const path of paths.filter((_, at) => takes(at))) {
      const code = refused(path.needs);
      const doing = { who, path, send };
      await (code ? checkRefused(app, cells, kind, { ...doing, code }) : checkWrite(app, cells, kind, doing));
    }
    // What was refused is looked for once.
    const state = await stateOf(app, kind);
    cells.check('tables after what was refused', `${who.name}, ${kind}`, state, FIRST_SORTED);
    await restore(app, kind, state);
  }
}

interface Doing {
  readonly who: Who;
  readonly path: WritePath;
  /** By which way it is asked. */
  readonly send: typeof ask;
}

const mutation = (kind: string, { who, path }: Pick<Doing, 'who' | 'path'>, items: readonly string[]) =>
  `mutation { ${items.map((item) => `${item}: ${path.field(kind, item, who)}`).join(' ')} }`;

async function checkRefused(
  app: TestService,
  cells: Cells,
  kind: string,
  { code, ...doing }: Doing & { readonly code: string },
): Promise<void> {
  const { who, path, send } = doing;
  // A row that the caller might well write, were it allowed to.
  const query = mutation(kind, doing, (path.items ?? ['r1']).slice(0, 1));
  const answer = await send(app.url, query, { headers: who.headers });
  cells.check(path.name, `${who.name}, ${kind}`, said(answer), { data: null, codes: [code] });
}

async function checkWrite(app: TestService, cells: Cells, kind: string, doing: Doing): Promise<void> {
  const { who, path, send } = doing;
  const items = path.items ?? IDS;
  const cell = (item: string) => `${who.name}, ${kind}, ${item}`;
  const answer = await send(app.url, mutation(kind, doing, items), { headers: who.headers });
  const state = await stateOf(app, kind);
  const simulation = new Simulation(who, kind);
  const refused = new Map<string, string>();
  for (const item of items) {
    const expected = simulation.attempt((at) => path.step(at, item));
    if (expected.code) refused.set(item, expected.code);
    const code = errorOf(answer, item)?.extensions['code'] ?? null;
    cells.check(path.name, cell(item), { data: answer.data?.[item] ?? null, code }, expected);
  }
  checkWords(cells, path, answer, { who, kind, refused });
  cells.check(`${path.name}: tables`, cell('all'), state, sorted(simulation.state));
  await restore(app, kind, state);
}

/** Of a row that the caller may not see nothing is said that is not said of one that is not there. */
function checkWords(
  cells: Cells,
  path: WritePath,
  answer: Answer,
  { who, kind, refused }: { readonly who: Who; readonly kind: string; readonly refused: ReadonlyMap<string, string> },
): void {
  const { may } = oracle(who, kind);
  for (const row of Object.values(FIRST.rows)) {
    const code = refused.get(row.id);
    const unseen = row.deleted || !may('READ', row) || code === 'NOT_FOUND';
    if (!code || !unseen || code !== refused.get(ABSENT)) continue;
    const cell = `${path.name}, ${who.name}, ${kind}, ${row.id}`;
    cells.check('the words of refusals', cell, wordsOf(answer, row.id), wordsOf(answer, ABSENT));
  }
}

const errorOf = ({ errors }: Answer, item: string) => errors?.find(({ path }) => path?.[0] === item);

function wordsOf(answer: Answer, item: string): unknown {
  const error = errorOf(answer, item);
  const { requestId, ...rest } = error?.extensions ?? {};
  const message = error?.message;
  return { message, rest };
}
