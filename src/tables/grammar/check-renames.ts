// `@renamedFrom`: what a table or column was called before. One name of before is one thing of now, and is free again.

import type { TableModel } from '../model.ts';
import type { Use } from './directives.ts';
import type { ProblemList } from './problems.ts';
import type { TableDraft } from './table-draft.ts';

/** A thing of the database that may have had another name. */
interface Renamed {
  readonly name: string;
  readonly sqlName: string;
  readonly renamedFrom: string | null;
  readonly use: Use | undefined;
}

/** Adds a problem for every name of before that is a name of now, or that two things had. */
export function checkRenames(
  drafts: ReadonlyMap<string, TableDraft>,
  models: ReadonlyMap<string, TableModel>,
  problems: ProblemList,
): void {
  const tables = [...models.values()].map((table) => ({ ...table, use: renaming(drafts.get(table.name)?.uses) }));
  check('table', tables, problems);
  for (const table of models.values()) {
    const draft = drafts.get(table.name);
    const columns = [...table.columns.values()].map((column) => ({
      ...column,
      name: `${table.name}.${column.name}`,
      use: renaming(draft?.columnUses.get(column.name)),
    }));
    check('column', columns, problems);
  }
}

function renaming(uses: ReadonlyMap<string, readonly Use[]> | undefined): Use | undefined {
  return uses?.get('renamedFrom')?.[0];
}

function check(what: string, all: readonly Renamed[], problems: ProblemList): void {
  const now = new Map(all.map((one) => [one.sqlName, one]));
  const before = new Map<string, Renamed>();
  for (const one of all) {
    const { renamedFrom, use } = one;
    if (renamedFrom === null || !use) continue;
    const place = use.valueNode('name') ?? use.node;
    const [same, other] = [now.get(renamedFrom), before.get(renamedFrom)];
    if (renamedFrom === '') problems.add(place, `no ${what} was ever called nothing: say its name of before`);
    else if (same === one) problems.add(place, `that is its name: leave @renamedFrom out`);
    else if (same)
      problems.add(
        place,
        `${same.name} has this name now: leave @renamedFrom out when it has done its work, or rename in two steps`,
      );
    if (other)
      problems.add(place, `${other.name} was called so before, and only one ${what} can have been: leave one out`);
    before.set(renamedFrom, one);
  }
}
