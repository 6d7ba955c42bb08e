// A query that shows something at once: who is asking, and the first table that a signed-in user may read.

import { callerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable } from '../access/decide.ts';
import type { Model } from '../tables/model.ts';
import { rootFieldNames } from '../tables/names.ts';

const SHOWN_COLUMNS = 4;

/** The query on one line. */
export function firstQuery(model: Model): string {
  const caller = callerClass({ admin: false, application: false, user: true, roles: [] });
  const table = [...model.tables.values()].find((candidate) => decideTable(caller, candidate, 'READ'));
  if (!table) return '{ viewer { level userId roles } }';
  const columns = [...table.columns.values()].filter((column) => decideColumn(caller, column, 'READ'));
  const names = columns.slice(0, SHOWN_COLUMNS).map((column) => column.name);
  return `{ viewer { level userId } ${rootFieldNames(table).many} { ${names.join(' ')} } }`;
}
