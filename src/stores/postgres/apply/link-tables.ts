// The tables between, that many-to-many relations need: two keys that go with their rows, each pair once.

import { type LinkTable, type Model, tableOf } from '../../../tables/model.ts';
import { sqlObjectName } from '../../../tables/names.ts';
import { captureTable, logReset } from '../change-log/capture-table.ts';
import { quoteName, quoteText, tableName } from '../sql-text.ts';
import { type DatabaseState, MADE_BY, type TableState } from './database-state.ts';
import type { PlanDraft } from './model-plan.ts';
import { planCapture } from './plan-capture.ts';

/** Plans a link table: made, renamed or found. A refusal is added when something else has its name. */
export function planLinkTable(link: LinkTable, model: Model, state: DatabaseState, draft: PlanDraft): string | null {
  const found = state.tables.get(link.sqlName);
  const columns = link.sides.map(({ sqlColumn }) => sqlColumn);
  const holds = (table: TableState | undefined, names: readonly string[]) =>
    names.every((name) => table?.columns.get(name)?.type === 'text');
  if (found && holds(found, columns)) {
    planCapture(link, found, draft);
    return null;
  }
  const former = link.formerNames.find(({ sqlName, sqlColumns }) => {
    const old = state.tables.get(sqlName);
    return old?.link && holds(old, sqlColumns) && (sqlName === link.sqlName || !found);
  });
  if (former) {
    const step = `rename the table between ${linked(link)} to ${tableName(link)}`;
    const statements = renameLinkTable(former, { sqlName: link.sqlName, sqlColumns: columns });
    draft.changes.push({ statements, step, impact: 'moment' });
    const old = state.tables.get(former.sqlName);
    if (old) planCapture(link, old, draft);
    return former.sqlName;
  }
  if (found)
    draft.refusals.push(
      `${tableName(link)} is there, and is not the table between ${linked(link)}: give one of them another @table(name:)`,
    );
  else {
    const step = `create the table between ${linked(link)} (${tableName(link)})`;
    draft.changes.push({ statements: createLinkTable(link, model), step, impact: 'none' });
  }
  return null;
}

/** `Post and Tag`. */
function linked({ sides }: LinkTable): string {
  return sides.map(({ table }) => table).join(' and ');
}

function createLinkTable(link: LinkTable, model: Model): string[] {
  const names = link.sides.map(({ sqlColumn }) => quoteName(sqlColumn));
  const columns = link.sides.map(({ table, sqlColumn }) => {
    const key = quoteName(sqlObjectName([link.sqlName, sqlColumn], 'fkey'));
    return `${quoteName(sqlColumn)} text COLLATE "C" NOT NULL CONSTRAINT ${key} REFERENCES ${tableName(tableOf(model, table))} ("id") ON DELETE CASCADE`;
  });
  const primary = `CONSTRAINT ${quoteName(sqlObjectName([link.sqlName], 'pkey'))} PRIMARY KEY (${names.join(', ')})`;
  // The primary key finds one way; this index finds the other.
  const back = quoteName(
    sqlObjectName([link.sqlName, ...link.sides.map(({ sqlColumn }) => sqlColumn).reverse()], 'idx'),
  );
  return [
    `CREATE TABLE ${tableName(link)} (\n  ${[...columns, primary].join(',\n  ')}\n)`,
    `COMMENT ON TABLE ${tableName(link)} IS ${quoteText(`${MADE_BY}the table between ${linked(link)}`)}`,
    `CREATE INDEX ${back} ON ${tableName(link)} (${[...names].reverse().join(', ')})`,
    ...captureTable(link),
  ];
}

type LinkNames = LinkTable['formerNames'][number];

function renameLinkTable(from: LinkNames, to: LinkNames): string[] {
  const place = tableName(to);
  const objects = ({ sqlName, sqlColumns }: LinkNames) => [
    sqlObjectName([sqlName], 'pkey'),
    ...sqlColumns.map((column) => sqlObjectName([sqlName, column], 'fkey')),
  ];
  const back = ({ sqlName, sqlColumns }: LinkNames) => sqlObjectName([sqlName, ...[...sqlColumns].reverse()], 'idx');
  const renamed = (was: string, now: string | undefined) =>
    now === undefined || was === now ? [] : [[was, now] as const];
  return [
    ...renamed(from.sqlName, to.sqlName).map(
      ([was, now]) => `ALTER TABLE ${tableName({ sqlName: was })} RENAME TO ${quoteName(now)}`,
    ),
    ...from.sqlColumns
      .flatMap((was, at) => renamed(was, to.sqlColumns[at]))
      .map(([was, now]) => `ALTER TABLE ${place} RENAME COLUMN ${quoteName(was)} TO ${quoteName(now)}`),
    ...objects(from)
      .flatMap((was, at) => renamed(was, objects(to)[at]))
      .map(([was, now]) => `ALTER TABLE ${place} RENAME CONSTRAINT ${quoteName(was)} TO ${quoteName(now)}`),
    ...renamed(back(from), back(to)).map(
      ([was, now]) => `ALTER INDEX ${tableName({ sqlName: was })} RENAME TO ${quoteName(now)}`,
    ),
    // The log has the columns under their old names.
    ...(from.sqlColumns.join() === to.sqlColumns.join() ? [] : [logReset(to)]),
  ];
}
