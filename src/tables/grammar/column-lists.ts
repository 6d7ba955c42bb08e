// `@unique` and `@index`: which columns of a table, together, identify a row or are found by.

import type { Column, Relation } from '../model.ts';
import type { Use } from './directives.ts';
import { typeInWords } from './parse-checks.ts';
import { type ProblemList, suggest } from './problems.ts';

/** One use of the directive: on the type, or on the field of `column`. */
export interface ListUse {
  readonly use: Use;
  readonly column: string | null;
}

/** What the names in `columns:` are looked up in. A relation stands for its key. */
export interface ListedTable {
  readonly name: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** Whether the field of a name was reported for something else. */
  isReported(name: string): boolean;
}

/** The most columns that an index of PostgreSQL has. */
const MOST_COLUMNS = 32;

/** The lists that are right, in the order written; the others are problems. */
export function readColumnLists(
  uses: readonly ListUse[],
  table: ListedTable,
  problems: ProblemList,
): { readonly columns: readonly string[] }[] {
  return uses.flatMap(({ use, column }) => {
    const columns = readColumnList(use, column, table, problems);
    return columns ? [{ columns }] : [];
  });
}

function readColumnList(
  use: Use,
  column: string | null,
  table: ListedTable,
  problems: ProblemList,
): readonly string[] | undefined {
  const place = use.valueNode('columns') ?? use.node;
  const directive = `@${use.node.name.value}`;
  const named = (use.values['columns'] as readonly string[] | null | undefined) ?? (column === null ? [] : [column]);
  const columns = named.map((name) => keyOf(name, table));
  if (columns.some((name) => !table.columns.has(name) && table.isReported(name))) return undefined;
  const wrong = whatIsWrong(columns, column, directive, table);
  if (wrong !== undefined) problems.add(place, wrong);
  return wrong === undefined ? columns : undefined;
}

function keyOf(name: string, { relations }: ListedTable): string {
  const relation = relations.get(name);
  return relation?.kind === 'belongsTo' ? relation.column : name;
}

function whatIsWrong(
  columns: readonly string[],
  own: string | null,
  directive: string,
  table: ListedTable,
): string | undefined {
  if (columns.length === 0)
    return own === null
      ? `${directive} on a type needs its columns: write ${directive}(columns: ["...", "..."])`
      : 'columns: names none: leave it out to mean this field alone';
  const unknown = columns.find((name) => !table.columns.has(name));
  if (unknown !== undefined) return noColumn(unknown, table);
  if (own !== null && !columns.includes(own))
    return `${own} is not among these columns: write ${directive} on the type ${table.name} instead`;
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) return `${twice} is named twice: leave one out`;
  if (columns.length > MOST_COLUMNS) return `PostgreSQL takes at most ${MOST_COLUMNS} columns together`;
  const unfit = columns.flatMap((name) => table.columns.get(name) ?? []).find(isUnfit);
  return (
    unfit &&
    `${table.name}.${unfit.name} is ${typeInWords(unfit)}, which ${directive} does nothing good for: ${INSTEAD}`
  );
}

function noColumn(name: string, { name: table, columns, relations }: ListedTable): string {
  if (relations.has(name)) return `${name} is on the other side of a relation: ${table} has no column for it`;
  return `${table} has no column "${name}"${suggest(name, columns.keys())}`;
}

/** Values of these have no size that an index entry would be sure to hold, and no operator would use it. */
function isUnfit({ type, list }: Column): boolean {
  return list || type.name === 'JSON';
}

const INSTEAD =
  'no filter would use it, and large values would not fit; give what rows are found by a column of its own';
