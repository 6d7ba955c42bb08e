// A look at some rows of a table and, in the same snapshot, at what the log has of it since a position.

import type pg from 'pg';
import type { Image } from '../../../changes/change.ts';
import type { Position } from '../../../changes/position.ts';
import type { LaterChange, Look } from '../../../changes/rows-as-of.ts';
import { quoteText, tableName } from '../sql-text.ts';
import type { RepeatedStatement } from '../statements/repeated-statement.ts';
import { Statements } from '../statements/statements.ts';
import { isConnectionLoss } from '../store-error.ts';
import { SERVER } from './epoch.ts';
import { imageTexts } from './read-changes.ts';

/** Changes of a table that a look takes along at most. */
const MOST_LATER = 50_000;

/** How many parameters the statement has of its own; those of `rows` come after them. */
export const OWN_PARAMETERS = 3;

type Table = Parameters<typeof tableName>[0];

/**
 * The statement. `rows` is a query of the rows as `image`, jsonb. Its first parameters are the position's: epoch, batch, seq.
 * What is later is found by the transactions that the batch did not see, and by the sequence inside the batch. Of the oldest
 * batch only the end is known (`Now.oldest`): nothing tells any more what else was in it.
 */
export function lookStatement(table: Table, rows: string): string {
  const own = `c.relation = ${quoteText(tableName(table))}::regclass`;
  const seen = '(SELECT snapshot FROM known)';
  return `
WITH known AS MATERIALIZED (
  SELECT b.snapshot, b.last_seq, p.snapshot AS before
    FROM tablecast.change_batch b LEFT JOIN tablecast.change_batch p ON p.number = b.number - 1,
         (SELECT id, oldest, server FROM tablecast.change_epoch ORDER BY number DESC LIMIT 1) e
   WHERE b.number = $2::bigint AND e.id = $1 AND e.server = ${SERVER}
     AND (b.number > e.oldest OR (b.number = e.oldest AND $3::bigint >= b.last_seq))),
later AS MATERIALIZED (
  SELECT c.seq, c.op, c.old, c.new FROM tablecast.change c
   WHERE ${own} AND (c.xid >= pg_snapshot_xmax(${seen}) OR c.xid = ANY (ARRAY(SELECT pg_snapshot_xip(${seen}))))
   UNION ALL
  SELECT c.seq, c.op, c.old, c.new FROM tablecast.change c
   WHERE ${own} AND c.seq > $3::bigint AND c.seq <= (SELECT last_seq FROM known) AND pg_visible_in_snapshot(c.xid, ${seen})
     AND NOT pg_visible_in_snapshot(c.xid, (SELECT before FROM known))
   LIMIT ${MOST_LATER + 1})
SELECT 'known' AS kind, 0 AS at, NULL::json AS before, NULL::json AS after FROM known
 UNION ALL
SELECT CASE op WHEN 'R' THEN 'reset' ELSE 'later' END, seq, ${imageTexts('old')}, ${imageTexts('new')} FROM later
 UNION ALL
SELECT 'row', row_number() OVER (), NULL, ${imageTexts('image')} FROM (${rows}) AS found`;
}

interface LookRow {
  readonly kind: 'known' | 'later' | 'reset' | 'row';
  readonly at: string;
  readonly before: Image | null;
  readonly after: Image | null;
}

/** Takes the look. Null: the log does not tell what happened since the position. */
export async function takeLook(
  pool: pg.Pool,
  statement: RepeatedStatement,
  { epoch, batch, seq }: Position,
  values: readonly unknown[],
): Promise<Look | null> {
  const rows = await run(pool, statement, [epoch, String(batch), String(seq), ...values]);
  const of = (kind: LookRow['kind']) => rows.filter((row) => row.kind === kind);
  const later = of('later');
  if (of('known').length === 0 || of('reset').length > 0 || later.length > MOST_LATER) return null;
  later.sort((a, b) => (BigInt(a.at) < BigInt(b.at) ? -1 : 1));
  const found = of('row').sort((a, b) => Number(a.at) - Number(b.at));
  return {
    rows: found.flatMap(({ after }) => (after ? [after] : [])),
    later: later.map(({ before, after }): LaterChange => ({ before, after })),
  };
}

/** Planning it for all parts of the log takes longer than running it. */
const statements = new Statements();

async function run(pool: pg.Pool, statement: RepeatedStatement, values: unknown[]): Promise<LookRow[]> {
  const client = await pool.connect();
  let lost = false;
  try {
    return await statements.run<LookRow>(client, statement, values);
  } catch (error) {
    lost = isConnectionLoss(error);
    throw error;
  } finally {
    client.release(lost);
  }
}
