// A page by cursors: the rows between two places of a list, some at one end of them, numbered where that is needed. A page
// from the end is read backwards and turned around at last.

import type { ConnectionSelection } from '../../records/plan.ts';
import { compileValue } from './column-json.ts';
import { base64url } from './compile-node-id.ts';
import { compileOrderBy, type SortKey } from './compile-order.ts';
import type { Position } from './compile-position.ts';
import { compileOrderedRows, type Owner } from './ordered-rows.ts';
import { type Compilation, columnRef, quoteName, quoteText } from './sql-text.ts';

/** A subquery with the rows of a page, under `alias`, and what can be said of them together. */
export interface Page {
  readonly alias: string;
  readonly text: string;
  /** The cursor of a row. */
  readonly cursor: string;
  /** The JSON array of an expression over its rows, in their order. */
  collect(item: string): string;
  /** The cursor of its first or last row; NULL when it is empty. Only with `ends`. */
  cursorAt(place: 'start' | 'end'): string;
  /** Whether there was one row more. Only with `oneMore`. */
  readonly hasMore: string;
}

// Points, so that no column of a table has these names.
const ROW = quoteName('page.row');
const ROWS = quoteName('page.rows');
const keyName = (at: number) => quoteName(`page.key.${at + 1}`);

/** The page that a connection asks for. */
export function compilePage(
  list: ConnectionSelection & { readonly owner: Owner | undefined },
  { oneMore, ends }: { readonly oneMore: boolean; readonly ends: boolean },
  to: Compilation,
): Page {
  const { after, before, size, end, fingerprint } = list.page;
  const positions: Position[] = [
    ...(after ? [{ side: 'after', cursor: after } as const] : []),
    ...(before ? [{ side: 'before', cursor: before } as const] : []),
  ];
  const reversed = end === 'last';
  const rows = compileOrderedRows(list, positions, to);
  const limit = to.parameters.add(size);
  const joined = rows.keys.flatMap((key, at) => (isOwn(key) ? [] : [`, ${key.value} AS ${keyName(at)}`]));
  const order = compileOrderBy(rows.keys, reversed, to);
  const chosen = `(SELECT ${rows.alias}.*${joined.join('')} ${rows.text} ${order} LIMIT ${limit}${oneMore ? ' + 1' : ''})`;
  const alias = to.aliases.next();
  const numbered = reversed || oneMore || ends;
  const inside = to.aliases.next();
  const text = numbered
    ? `(SELECT ${inside}.*, row_number() OVER () AS ${ROW}${ends ? `, count(*) OVER () AS ${ROWS}` : ''} FROM ${chosen} ${inside}) ${alias}`
    : `${chosen} ${alias}`;
  const values = rows.keys.map((key, at) => compileValue(key.type, keyOf(key, at, alias)));
  const cursor = base64url(`json_build_array(${[quoteText(fingerprint), ...values].join(', ')})::text`);
  const inOrder = numbered ? ` ORDER BY ${alias}.${ROW}${reversed ? ' DESC' : ''}` : '';
  const onPage = oneMore ? ` FILTER (WHERE ${alias}.${ROW} <= ${limit})` : '';
  return {
    alias,
    text,
    cursor,
    collect: (item) => `coalesce(json_agg(${item}${inOrder})${onPage}, '[]')`,
    cursorAt(place) {
      const last = (place === 'end') !== reversed;
      const at = last ? `least(${alias}.${ROWS}, ${limit})` : '1';
      // A page of no rows has no first one.
      const exists = last ? '' : ` AND ${limit} > 0`;
      return `max(${cursor}) FILTER (WHERE ${alias}.${ROW} = ${at}${exists})`;
    },
    hasMore: `count(*) > ${limit}`,
  };
}

function isOwn({ term }: SortKey): boolean {
  return term.path.length === 0 && term.by.kind === 'column';
}

function keyOf(key: SortKey, at: number, alias: string): string {
  const { by } = key.term;
  return isOwn(key) && by.kind === 'column' ? columnRef(alias, by.column) : `${alias}.${keyName(at)}`;
}
