// A connection as JSON: a page by cursors with what is asked of it, and nothing besides. Rows are counted, and looked for
// on the other side of a cursor, only where that is asked.

import type { ConnectionField, EdgeField, PageInfoField } from '../../../records/connection-plan.ts';
import type { ConnectionSelection, RowSelection } from '../../../records/plan.ts';
import { columnOf } from '../../../tables/model.ts';
import { type Compilation, columnRef, quoteText, tableName } from '../sql-text.ts';
import { compilePage, type Page } from './compile-page.ts';
import { compileMembers } from './compile-rows.ts';
import { jsonObject } from './json-object.ts';
import type { ColumnMember } from './named-row.ts';
import { compileMembership, compileOrderedRows, type Owner, where } from './ordered-rows.ts';

type Field = ConnectionField<RowSelection>;
type List = ConnectionSelection & { readonly owner: Owner | undefined };

/** An expression whose value is the JSON object. */
export function compileConnection(selection: ConnectionSelection, owner: Owner | undefined, to: Compilation): string {
  const list = { ...selection, owner };
  const { fields } = selection;
  const parts: readonly string[] = fields.flatMap((field) =>
    field.kind === 'pageInfo' ? field.fields.map(({ kind }) => kind) : [field.kind],
  );
  const wanted = {
    oneMore: parts.includes(moreKind(list)),
    ends: parts.includes('startCursor') || parts.includes('endCursor'),
  };
  let page: Page | undefined;
  const thePage = () => {
    page ??= compilePage(list, wanted, to);
    return page;
  };
  const object = jsonObject(fields.map((field) => ({ key: field.key, value: compileField(field, list, thePage, to) })));
  if (page) return `(SELECT ${object} FROM ${page.text()})`;
  checkPage(list.page, to);
  return object;
}

/** Nothing of the page is asked for; what is wrong with its arguments is an error all the same. */
function checkPage({ size, after, before }: ConnectionSelection['page'], to: Compilation): void {
  for (const slot of [size, ...(after ?? []), ...(before ?? [])]) to.parameters.check(slot);
}

/** Whether there are rows beyond the end at which the page stops growing: one row more than the page tells. */
function moreKind({ page }: List) {
  return page.end === 'first' ? 'hasNextPage' : 'hasPreviousPage';
}

function compileField(field: Field, list: List, page: () => Page, to: Compilation): string {
  switch (field.kind) {
    case 'constant':
      return `${quoteText(field.value)}::text`;
    case 'nodes':
      return page().collect(compileMembers(field.selection, page().alias, to));
    case 'edges':
      return page().collect(field.fields.map((member) => compileEdge(member, page(), to)));
    case 'pageInfo':
      return jsonObject(
        field.fields.map((member) => ({ key: member.key, value: compilePageInfo(member, list, page, to) })),
      );
    case 'totalCount': {
      const alias = to.aliases.next();
      return `(SELECT count(*) FROM ${tableName(list.table)} ${alias}${where(compileMembership(list, alias, to))})`;
    }
  }
}

function compileEdge(field: EdgeField<RowSelection>, page: Page, to: Compilation): ColumnMember {
  const { key } = field;
  switch (field.kind) {
    case 'constant':
      return { key, value: `${quoteText(field.value)}::text`, type: 'text' };
    case 'cursor':
      return { key, value: page.cursor, type: 'text' };
    case 'edgeNode':
      return { key, value: page.object(compileMembers(field.selection, page.alias, to)), type: 'json' };
  }
}

function compilePageInfo(field: PageInfoField, list: List, page: () => Page, to: Compilation): string {
  switch (field.kind) {
    case 'constant':
      return `${quoteText(field.value)}::text`;
    case 'startCursor':
      return page().cursorAt('start');
    case 'endCursor':
      return page().cursorAt('end');
    case 'hasNextPage':
    case 'hasPreviousPage': {
      const outside = compileOutside(list, field.kind, to);
      if (field.kind !== moreKind(list)) return outside ?? 'FALSE';
      return outside ? `(${page().hasMore} OR ${outside})` : page().hasMore;
    }
  }
}

/** Whether the list has rows at the cursor that bounds the page on that side, or beyond it; null without a cursor there. */
function compileOutside(list: List, kind: 'hasNextPage' | 'hasPreviousPage', to: Compilation): string | null {
  const [cursor, side] =
    kind === 'hasNextPage' ? ([list.page.before, 'after'] as const) : ([list.page.after, 'before'] as const);
  if (!cursor) return null;
  const { alias, text } = compileOrderedRows(list, [{ side, cursor, inclusive: true }], to);
  const id = cursor.at(-1);
  if (!id) throw new Error('every order ends with the id');
  const own = `${columnRef(alias, columnOf(list.table, 'id'))} = ${to.parameters.add(id)}`;
  // Mostly the cursor's own row is there still, and its key finds it; only if it is not, others are looked for.
  return `(EXISTS (SELECT 1 ${text} AND ${own}) OR EXISTS (SELECT 1 ${text}))`;
}
