// What a sample's rows.mjs answers, checked against the tables of the app: both are files that a person may have changed.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../platform/errors.ts';
import type { Loading } from '../../stores/postgres/load-rows.ts';
import type { Column, Model, TableModel } from '../../tables/model.ts';

const FILE = 'rows.mjs';

/** Reads what is to be loaded, in its order. Rejects with an Error that says where the file and the tables differ. */
export async function readRows(folder: string, model: Model): Promise<Loading[]> {
  const path = join(folder, FILE);
  let answer: unknown;
  try {
    const { rows } = (await import(pathToFileURL(path).href)) as { rows?: () => unknown };
    answer = await rows?.();
  } catch (error) {
    throw new Error(`${path} failed: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(answer)) throw new Error(`${path} exports no function "rows" that answers a list.`);
  return answer.map((part: unknown) => readPart(part as Part, model));
}

interface Part {
  readonly table?: unknown;
  readonly relation?: unknown;
  readonly rows?: unknown;
  readonly pairs?: unknown;
}

function readPart(part: Part, model: Model): Loading {
  const table = model.tables.get(String(part.table));
  if (!table) throw new Error(`${FILE} has rows of ${String(part.table)}, which is no table of schema/.`);
  const items = part.rows ?? part.pairs;
  if (!Array.isArray(items)) throw new Error(`${FILE} has no list of rows or pairs for ${table.name}.`);
  if (part.rows !== undefined) return { kind: 'rows', table, columns: columnsOf(table, items), items };
  const relation = table.relations.get(String(part.relation));
  if (relation?.link?.table !== null)
    throw new Error(`${FILE} has pairs of ${table.name}.${String(part.relation)}, which is no @manyToMany of its own.`);
  return { kind: 'pairs', table, relation: relation.name, link: relation.link, items };
}

/** Every column that some row has. A column of the table that no row has gets its default. */
function columnsOf(table: TableModel, rows: readonly object[]): Column[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...names].map((name) => {
    const column = table.columns.get(name);
    if (!column) throw new Error(`${FILE} has values for ${table.name}.${name}, which is no column of schema/.`);
    return column;
  });
}
