// Asks every way of reading as every caller, and compares the whole answer with the oracle's.

import { type Answer, ask, type TestService } from '../../support/open-test-service.ts';
import type { Cells } from './cells.ts';
import { oracle } from './oracle.ts';
import { CURSOR, READ_PATHS, type Seen } from './read-paths.ts';
import { takesTurn } from './turns.ts';
import { ABSENT, namesOf, ROWS, type Who } from './world.ts';

/** The data and the codes, each once. */
export function said({ data, errors }: Answer) {
  return { data: data ?? null, codes: [...new Set((errors ?? []).map(({ extensions }) => extensions['code']))] };
}

/** What the master key knows of rows: their nodes and cursors. */
type Known = Pick<Seen, 'nodeIds' | 'cursors'>;

/** The rows that a caller may see. */
function seenBy(who: Who, kind: string, known: Known): Seen {
  const { may } = oracle(who, kind);
  const seen = who.broken ? [] : ROWS.filter((row) => may('READ', row));
  return { rows: seen.filter(({ deleted }) => !deleted), deleted: seen.filter(({ deleted }) => deleted), ...known };
}

async function knownOf(app: TestService, kind: string): Promise<Known> {
  const { many } = namesOf(kind);
  const query = `{ all: ${many}(deleted: INCLUDE) { id nodeId } sorted: ${many}Connection(orderBy: [{ size: ASC }]) { edges { cursor node { id } } } }`;
  const { data } = await app.ask(query, { as: 'admin' });
  const all = data?.['all'] as { id: string; nodeId: string }[];
  const sorted = data?.['sorted'] as { edges: { cursor: string; node: { id: string } }[] };
  const [first] = all;
  const absent = decoded(first?.nodeId ?? '').replace(first?.id ?? '', ABSENT);
  const nodeIds = [...all.map(({ id, nodeId }) => [id, nodeId]), [ABSENT, Buffer.from(absent).toString('base64url')]];
  return {
    nodeIds: Object.fromEntries(nodeIds),
    cursors: Object.fromEntries(sorted.edges.map(({ cursor, node }) => [node.id, cursor])),
  };
}

const decoded = (text: string) => Buffer.from(text, 'base64url').toString();

/** The answer, and what its opaque texts have inside. */
const unwrapped = (text: string) => [text, ...(text.match(/[\w-]{16,}/g) ?? []).map(decoded)].join('\n');

/** Cursors are what they are; what may be in them is looked at by itself. */
const withoutCursors = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data), (name, value: unknown) => (name === 'cursor' ? CURSOR : value));

/** `send` asks by another way than HTTP. */
export async function checkReads(
  app: TestService,
  cells: Cells,
  kind: string,
  callers: readonly Who[],
  send = ask,
): Promise<void> {
  const known = await knownOf(app, kind);
  for (const who of callers) {
    const seen = seenBy(who, kind, known);
    const { refused } = oracle(who, kind);
    const takes = takesTurn(callers, who, kind);
    for (const path of READ_PATHS.filter((_, at) => takes(at))) {
      const answer = await send(app.url, path.query(kind, seen), { headers: who.headers });
      const code = refused(path.always ? [] : ['READ']);
      const expected = code ? { data: null, codes: [code] } : { data: path.expected(seen, kind), codes: [] };
      cells.check(path.name, `${who.name}, ${kind}`, withoutCursors(said(answer)), expected);
      const text = unwrapped(answer.text);
      const hidden = ROWS.filter((row) => !seen.rows.includes(row) && !seen.deleted.includes(row));
      const told = hidden.filter(({ name }) => text.includes(name)).map(({ id }) => id);
      cells.check('names of hidden rows in answers', `${path.name}, ${who.name}, ${kind}`, told, []);
    }
  }
}
