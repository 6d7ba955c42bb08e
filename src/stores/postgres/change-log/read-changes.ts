// Rows of the change log, read on from a position and made changes. A position itself is judged elsewhere.

import type pg from 'pg';
import type { Change, ChangeKind, Image } from '../../../changes/change.ts';
import type { Position } from '../../../changes/position.ts';

const KINDS: Readonly<Record<string, ChangeKind>> = { I: 'INSERT', U: 'UPDATE', D: 'DELETE', R: 'RESET' };

interface ChangeRow {
  readonly batch: string;
  readonly seq: string;
  /** Null: the table is no more. */
  readonly table: string | null;
  readonly op: string;
  readonly id: string | null;
  readonly before: Image | null;
  readonly after: Image | null;
  readonly changed: readonly string[];
  readonly actor: string;
  readonly requestId: string | null;
  readonly modelVersion: string | null;
  readonly at: string;
}

/** Images as texts: a number of JSON would lose digits on its way into a program. */
export const imageTexts = (image: string) =>
  `CASE WHEN ${image} IS NOT NULL THEN (SELECT coalesce(json_object_agg(key, value), '{}') FROM jsonb_each_text(${image})) END`;

const READ = `
SELECT r.batch, (r.entry).seq, k.relname AS "table", (r.entry).op, (r.entry).row_id AS id,
       ${imageTexts('(r.entry).old')} AS before, ${imageTexts('(r.entry).new')} AS after,
       ARRAY(SELECT key FROM jsonb_each((r.entry).new) WHERE (r.entry).op = 'U' AND value IS DISTINCT FROM (r.entry).old -> key) AS changed,
       (r.entry).actor, (r.entry).request_id AS "requestId", m.model_version AS "modelVersion",
       floor(extract(epoch FROM (r.entry).at) * 1000) AS at
  FROM tablecast.read_changes($1, $2, $3) WITH ORDINALITY AS r (batch, entry, place)
  LEFT JOIN pg_class k ON k.oid = (r.entry).relation
  LEFT JOIN tablecast.applied_model m ON m.id = (r.entry).model
 ORDER BY r.place`;

/** The changes after a position, `most` rows of the log at most, and where the last of them was. */
export async function readChanges(
  pool: pg.Pool,
  after: Position,
  most: number,
): Promise<{ readonly changes: readonly Change[]; readonly end: Position }> {
  const { rows } = await pool.query<ChangeRow>(READ, [after.batch, after.seq, most]);
  const placeOf = ({ batch, seq }: ChangeRow) => ({ epoch: after.epoch, batch: BigInt(batch), seq: BigInt(seq) });
  const last = rows.at(-1);
  return { changes: rows.flatMap((row) => toChange(row, placeOf(row)) ?? []), end: last ? placeOf(last) : after };
}

function toChange({ batch: _batch, seq: _seq, table, op, at, ...row }: ChangeRow, position: Position): Change | null {
  const kind = KINDS[op];
  if (kind === undefined) throw new Error(`the change log has a row of an unknown kind: ${op}`);
  return table === null ? null : { position, table, kind, ...row, at: Number(at) };
}
