// Change logs with the mistakes that are usually made: each reads the same rows in an order that looks right.

import type pg from 'pg';
import type { Change } from '../../src/changes/change.ts';
import type { ChangeLog, ChangePage } from '../../src/changes/change-log.ts';
import type { Position } from '../../src/changes/position.ts';

/** The number that comes first in the order, and what else has to be so before a row is read. */
export const MISTAKES = {
  'by sequence': { first: '0::bigint', ready: 'TRUE' },
  'by time': { first: '(extract(epoch FROM at) * 1000000)::bigint', ready: 'TRUE' },
  'by transaction, below the oldest that is open': {
    first: 'xid::text::bigint',
    ready: 'xid < pg_snapshot_xmin(pg_current_snapshot())',
  },
} as const;

const KINDS = { I: 'INSERT', U: 'UPDATE', D: 'DELETE', R: 'RESET' } as const;
const texts = (image: string) => `(SELECT json_object_agg(key, value) FROM jsonb_each_text(${image}))`;

type Row = Pick<Change, 'id' | 'before' | 'after'> & { readonly op: keyof typeof KINDS; batch: string; seq: string };

/** A log of that order. It knows no epochs, and forgets nothing. */
export function mistakenLog(pool: pg.Pool, mistake: keyof typeof MISTAKES, table: string): ChangeLog {
  const { first, ready } = MISTAKES[mistake];
  const rowsAfter = async (after: Position, order: '' | 'DESC', most: number) =>
    (
      await pool.query<Row>(
        `SELECT ${first} AS batch, seq, op, row_id AS id, ${texts('old')} AS before, ${texts('new')} AS after
           FROM tablecast.change WHERE ${ready} AND (${first}, seq) > ($1, $2) AND op <> 'R'
          ORDER BY ${first} ${order}, seq ${order} LIMIT $3`,
        [after.batch, after.seq, most],
      )
    ).rows;
  const placeOf = ({ batch, seq }: Row): Position => ({ epoch: '', batch: BigInt(batch), seq: BigInt(seq) });
  const start: Position = { epoch: '', batch: -1n, seq: -1n };
  const head = async () => {
    const [last] = await rowsAfter(start, 'DESC', 1);
    return last ? placeOf(last) : start;
  };
  return {
    head,
    advance: head,
    async read(after, most): Promise<ChangePage> {
      const rows = await rowsAfter(after, '', most);
      const changes = rows.map((row): Change => {
        const { op, id, before, after: image } = row;
        const rest = { changed: [], actor: '', requestId: null, modelVersion: null, at: 0 };
        return { position: placeOf(row), table, kind: KINDS[op], id, before, after: image, ...rest };
      });
      return { kind: 'changes', changes, end: changes.at(-1)?.position ?? after };
    },
    expire: async () => 0,
  };
}
