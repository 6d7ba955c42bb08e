// A page by cursors: the rows between two places of a list, some at one end of them, numbered where that is needed. A page
// from the end is read backwards and turned around at last.

import type { ConnectionSelection } from '../../../records/plan.ts';
import { type Compilation, columnRef, quoteName, quoteText } from '../sql-text.ts';
import { compileValue } from './column-json.ts';
import { base64url } from './compile-node-id.ts';
import { compileOrderBy, type SortKey } from './compile-order.ts';
import { isSplit, type Position } from './compile-position.ts';
import { jsonObject } from './json-object.ts';
import { type ColumnMember, namedRow } from './named-row.ts';
import { compileOrderedRows, type Owner } from './ordered-rows.ts';

/** A subquery with the rows of a page, under `alias`, and what can be said of them together. */
export interface Page {
  readonly alias: string;
  /** What follows `FROM`. Asked for last: what is collected adds to it. */
  text(): string;
  /** The cursor of a row. */
  readonly cursor: string;
  /** The JSON array of the objects with these members, over its rows in their order. */
  collect(members: readonly ColumnMember[]): string;
  /** One of those objects, as the value of a member. */
  object(members: readonly ColumnMember[]): string;
  /** The cursor of its first or last row; NULL when it is empty. Only with `ends`. */
  cursorAt(place: 'start' | 'end'): string;
  /** Whether there was one row more. Only with `oneMore`. */
  readonly hasMore: string;
}

// Points, so that no column of a table has these names.
const ROW = quoteName('page.row');
const ROWS = quoteName('page.rows');
const keyName = (at: number) => quoteName(`page.key.${at + 1}`);

type List = ConnectionSelection & { readonly owner: Owner | undefined };

/** The page that a connection asks for. */
export function compilePage(
  list: List,
  { oneMore, ends }: { readonly oneMore: boolean; readonly ends: boolean },
  to: Compilation,
): Page {
  const { size, end, fingerprint } = list.page;
  const reversed = end === 'last';
  const limit = to.parameters.add(size);
  const { keys, text: chosen } = choose(list, oneMore ? `${limit} + 1` : limit, to);
  const alias = to.aliases.next();
  const numbered = reversed || oneMore || ends;
  const inside = to.aliases.next();
  // Rows are numbered as they come, which is in order. A window with an order of its own would sort all that LIMIT spares.
  const text = numbered
    ? `(SELECT ${inside}.*, row_number() OVER () AS ${ROW}${ends ? `, count(*) OVER () AS ${ROWS}` : ''} FROM ${chosen} ${inside}) ${alias}`
    : `${chosen} ${alias}`;
  const values = keysUnder(alias, keys).map(({ type, value }) => compileValue(type, value));
  const cursor = base64url(`json_build_array(${[quoteText(fingerprint), ...values].join(', ')})::text`);
  const inOrder = numbered ? ` ORDER BY ${alias}.${ROW}${reversed ? ' DESC' : ''}` : '';
  const onPage = oneMore ? ` FILTER (WHERE ${alias}.${ROW} <= ${limit})` : '';
  // Beside each row of the page, the same one as the answer has it.
  const rows: string[] = [];
  const addRow = (members: readonly ColumnMember[]): string | null => {
    const row = namedRow(members, to);
    if (row) rows.push(` CROSS JOIN LATERAL (SELECT ${row.columns}) ${row.alias}`);
    return row?.alias ?? null;
  };
  return {
    alias,
    text: () => [text, ...rows].join(''),
    cursor,
    collect(members) {
      const row = addRow(members);
      if (row === null) return `coalesce(json_agg(${jsonObject(members)}${inOrder})${onPage}, '[]')`;
      return `coalesce(array_to_json(array_agg(${row}${inOrder})${onPage}), '[]')`;
    },
    object(members) {
      const row = addRow(members);
      return row === null ? jsonObject(members) : `row_to_json(${row})`;
    },
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

/** A subquery with at most `limit` rows, from the end where the page begins; and the keys of their order. */
function choose(list: List, limit: string, to: Compilation) {
  const { after, before, end } = list.page;
  const reversed = end === 'last';
  const [start, side] = reversed ? ([before, 'before'] as const) : ([after, 'after'] as const);
  const [stop, otherSide] = reversed ? ([after, 'after'] as const) : ([before, 'before'] as const);
  const select = (limited: string, half?: 'present' | 'missing') => {
    const positions: Position[] = [
      ...(start ? [{ side, cursor: start, ...(half ? { half } : {}) }] : []),
      ...(stop ? [{ side: otherSide, cursor: stop }] : []),
    ];
    const { alias, keys, text } = compileOrderedRows(list, positions, to);
    const joined = keys.flatMap((key, at) => (isOwn(key) ? [] : [`, ${key.value} AS ${keyName(at)}`]));
    const order = compileOrderBy(half ? keys.map(asIndexed) : keys, reversed, to);
    return { keys, text: `(SELECT ${alias}.*${joined.join('')} ${text} ${order} LIMIT ${limited})` };
  };
  const [first] = list.orderBy;
  if (!start || !first || first.path.length > 0 || !isSplit(side, first)) return select(limit);
  const present = to.aliases.next();
  const { keys, text } = select(limit, 'present');
  // Nothing of the other half is read while this one fills the page.
  const missing = select(`${limit} - (SELECT count(*) FROM ${present})`, 'missing');
  const halves = to.aliases.next();
  const order = compileOrderBy(keysUnder(halves, keys), reversed, to);
  const both = `(SELECT * FROM ${present} UNION ALL ${missing.text}) ${halves}`;
  return { keys, text: `(WITH ${present} AS MATERIALIZED ${text} SELECT ${halves}.* FROM ${both} ${order})` };
}

/** In a half, no row tells where missing values of the first key stand: as in an index, then. */
function asIndexed({ term, ...key }: SortKey, at: number): SortKey {
  return { ...key, term: at === 0 ? { ...term, nullsFirst: term.descending } : term };
}

function isOwn({ term }: SortKey): boolean {
  return term.path.length === 0 && term.by.kind === 'column';
}

/** The keys over rows that were chosen, where they stand under other names. */
function keysUnder(alias: string, keys: readonly SortKey[]): SortKey[] {
  return keys.map((key, at) => {
    const { by } = key.term;
    const name = isOwn(key) && by.kind === 'column' ? columnRef(alias, by.column) : `${alias}.${keyName(at)}`;
    return { ...key, value: name };
  });
}
