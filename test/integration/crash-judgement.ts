// What the database must say after a crash test: of every write what the client was told of it, and of every row what the
// change log says.

import pg from 'pg';
import type { WrittenDown } from './crash-clients.ts';
import type { Places } from './crash-writes.ts';

export interface Judgement {
  /** Writes whose answer never came, and how many of them were done. */
  readonly unknown: number;
  readonly unknownDone: number;
  /** Records in the log. */
  readonly changes: number;
  /** What is wrong, in words. */
  readonly problems: readonly string[];
}

type Place = keyof Places;

/** Where marks are found, and how often. A slot has the mark of its last write only: what was before is in the log. */
const MARKS: Readonly<Record<Place, string>> = {
  entry: 'SELECT mark, count(*)::int AS n FROM entry GROUP BY mark',
  counter: 'SELECT mark, count(*)::int AS n FROM counter, unnest(marks) AS mark GROUP BY mark',
  slot: `SELECT new ->> 'mark' AS mark, count(*)::int AS n FROM tablecast.change WHERE table_name = 'slot' AND op <> 'R' GROUP BY 1`,
  parcel: 'SELECT mark, count(*)::int AS n FROM parcel GROUP BY mark',
  item: 'SELECT i.mark, count(*)::int AS n FROM item i JOIN parcel p ON p.id = i.parcel_id AND p.mark = i.mark GROUP BY 1',
};

/** Each answers a row for each thing that is wrong. */
const RULES: Readonly<Record<string, string>> = {
  'a counter is not the number of its marks':
    'SELECT id, total, cardinality(marks) FROM counter WHERE total <> cardinality(marks)',
  'an item has no parcel of its write':
    'SELECT i.id FROM item i LEFT JOIN parcel p ON p.id = i.parcel_id WHERE p.mark IS DISTINCT FROM i.mark',
  'a change does not begin where the one before it ended': `
    SELECT seq, table_name, row_id, op FROM (
      SELECT *, lag(new) OVER (PARTITION BY relation, row_id ORDER BY seq) AS before FROM tablecast.change WHERE op <> 'R') c
    WHERE old IS DISTINCT FROM before OR (op = 'I') <> (before IS NULL)`,
  // They are compared for being the same, and for nothing else: sessions take them from the sequence by the dozen.
  'a row had a version twice': `
    SELECT table_name, row_id, new ->> 'version' AS version FROM tablecast.change WHERE op <> 'R'
    GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  'a table was read anew': `
    SELECT table_name, count(*)::int FROM tablecast.change WHERE op = 'R' GROUP BY table_name HAVING count(*) > 1`,
  'a kept answer is empty': 'SELECT key FROM tablecast.kept_answer WHERE answer IS NULL',
  ...Object.fromEntries(
    ['entry', 'counter', 'slot', 'parcel', 'item'].map((table) => [
      `the log and a row of ${table} disagree`,
      `SELECT coalesce(t.id, last.row_id) AS id FROM (SELECT id, to_jsonb(${table}) AS row FROM ${table}) t
       FULL JOIN (SELECT DISTINCT ON (row_id) row_id, new FROM tablecast.change
         WHERE table_name = '${table}' AND op <> 'R' ORDER BY row_id, seq DESC) last ON last.row_id = t.id
       WHERE t.row IS DISTINCT FROM last.new`,
    ]),
  ),
};

/** Holds what the clients wrote down against the database. */
export async function judge(notes: readonly WrittenDown[], connection: pg.ClientConfig): Promise<Judgement> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    // The images of the log are written so, whatever the session.
    await client.query("SET TimeZone = 'UTC'");
    const found = new Map<string, Partial<Record<Place, number>>>();
    for (const place of Object.keys(MARKS) as Place[]) {
      const { rows } = await client.query<{ mark: string; n: number }>(MARKS[place]);
      for (const { mark, n } of rows) found.set(mark, { ...found.get(mark), [place]: n });
    }
    const problems = notes.flatMap((note) => toProblems(note, found.get(note.write.mark) ?? {}));
    const known = new Set(notes.map(({ write }) => write.mark));
    for (const mark of found.keys()) if (!known.has(mark)) problems.push(`nobody wrote ${mark}`);
    for (const [words, text] of Object.entries(RULES)) {
      const { rows } = await client.query<Record<string, unknown>>(text);
      for (const row of rows) problems.push(`${words}: ${JSON.stringify(row)}`);
    }
    const unknown = notes.filter(({ outcome }) => outcome === 'unknown');
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM tablecast.change');
    return {
      unknown: unknown.length,
      unknownDone: unknown.filter(({ write }) => found.has(write.mark)).length,
      changes: rows[0]?.n ?? 0,
      problems,
    };
  } finally {
    await client.end();
  }
}

/** What is wrong with one write: as a whole or not at all, and as the client was told. */
export function toProblems({ write, keyed, outcome, sent }: WrittenDown, found: Places): string[] {
  const is = `${write.kind} ${write.mark} (${keyed ? 'keyed, ' : ''}${outcome}, sent ${sent} times) is there`;
  const places = Object.keys({ ...write.leaves, ...found }) as Place[];
  if (places.some((place) => (found[place] ?? 0) > (write.leaves[place] ?? 0)))
    return [`${is} more than once: ${JSON.stringify(found)}`];
  const none = Object.keys(found).length === 0;
  if (!none && places.some((place) => found[place] !== write.leaves[place]))
    return [`${is} in part: ${JSON.stringify(found)}`];
  if (outcome === 'acknowledged' && none) return [`${is} not`];
  if (outcome === 'refused' && !none) return [is];
  if (outcome === 'unknown' && keyed) return [`${is}, and was never answered`];
  return [];
}
