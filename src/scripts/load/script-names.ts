// What files and functions of scripts may be called.

import { nearestName } from '../../platform/nearest-name.ts';

/** Functions that a table script may export. */
export const TABLE_FUNCTIONS = [
  'insert',
  'update',
  'delete',
  'undelete',
  'read',
  'filter',
  'insertMany',
  'updateMany',
  'deleteMany',
  'undeleteMany',
] as const;

/** What else it may: how it is run. */
export const SETTINGS = 'settings';

/** Functions of the classic form by the names that their files declare. */
export const CLASSIC_FUNCTIONS: Readonly<Record<string, string>> = {
  insert: 'insert',
  update: 'update',
  del: 'delete',
  read: 'read',
  undelete: 'undelete',
};

/** Misspellings that are still recognised. */
const MOST_CHANGES = 3;

/** The table that a file is for, by its name: `todo-item`, `todo_item` and `TodoItem` are one. Undefined: none. */
export function tableOfFile(stem: string, tables: Iterable<string>): string | undefined {
  const plain = (name: string) => name.replace(/[-_]/g, '').toLowerCase();
  return [...tables].find((table) => table === stem) ?? [...tables].find((table) => plain(table) === plain(stem));
}

/** The words for a file that is for no table. */
export function noSuchTable(stem: string, tables: Iterable<string>): string {
  const nearest = nearestName(stem.replace(/[-_]/g, ''), tables, MOST_CHANGES);
  return `There is no table for a script called "${stem}".${nearest ? ` Did you mean ${nearest}?` : ' Name it after a table, like todo-item.ts for TodoItem.'}`;
}

/** The words for an export that means nothing; null for one that does. */
export function wrongExport(name: string): string | null {
  const known: readonly string[] = [...TABLE_FUNCTIONS, SETTINGS];
  if (known.includes(name)) return null;
  if (name === 'default')
    return 'A table script has no default export: export insert, update, delete, undelete, read or filter.';
  const meant = name === 'del' || name === 'remove' ? 'delete' : nearestName(name, known, MOST_CHANGES);
  const hint =
    meant === 'delete'
      ? ' Write "export { remove as delete }", since delete is a word of the language.'
      : meant
        ? ` Did you mean "${meant}"?`
        : '';
  return `A table script cannot export "${name}".${hint} It may export ${known.join(', ')}.`;
}
