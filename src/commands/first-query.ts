// Queries that show something at once: who is asking, and the first table that the asker may read.

import { type CallerClass, callerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable } from '../access/decide.ts';
import type { Model } from '../tables/model.ts';
import { rootFieldNames } from '../tables/names.ts';

const SHOWN_COLUMNS = 4;
const SIGNED_IN = callerClass({ admin: false, application: false, user: true, roles: [] });
const WITH_KEY = callerClass({ admin: false, application: true, user: false, roles: [] });

/** The query to paste, for a signed-in user, on one line. */
export function firstQuery(model: Model): string {
  return `{ ${['viewer { level userId }', tableSelection(model, SIGNED_IN)].filter(Boolean).join(' ')} }`;
}

/** What GraphiQL shows first: a query for the application key, and below it, as a comment, what a user can ask. */
export function firstDocument(model: Model): string {
  const lines = ['viewer { level userId roles }', tableSelection(model, WITH_KEY)].filter(Boolean);
  const more = tableSelection(model, SIGNED_IN);
  return [
    '# Whom you act as is chosen above: what you see, and the docs, follow.',
    '{',
    ...lines.map((line) => `  ${line}`),
    '}',
    ...(more === null || lines.includes(more)
      ? []
      : ['', '# A signed-in user, like alice, can ask this as well:', '#', `# { ${more} }`]),
    '',
  ].join('\n');
}

function tableSelection(model: Model, caller: CallerClass): string | null {
  const table = [...model.tables.values()].find((candidate) => decideTable(caller, candidate, 'READ'));
  if (!table) return null;
  const columns = [...table.columns.values()].filter((column) => decideColumn(caller, column, 'READ'));
  const names = columns.slice(0, SHOWN_COLUMNS).map((column) => column.name);
  return `${rootFieldNames(table).many} { ${names.join(' ')} }`;
}
