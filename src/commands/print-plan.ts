// `tablecast plan`: what a start would do to the database, without doing it.

import { previewModel } from '../stores/postgres/apply/preview-model.ts';
import { readTables } from './read-tables.ts';
import { withDatabase } from './with-database.ts';

/** The plan in words, given what may be lost. Rejects with an Error for people. */
export async function printPlan(appDir: string, allowed: readonly string[]): Promise<string> {
  const model = await readTables(appDir);
  return withDatabase(appDir, async ({ pool }) => {
    const { steps, afterwards, refusals, kept } = await previewModel(pool, model, allowed);
    const listed = (title: string, lines: readonly string[]) =>
      lines.length > 0 ? [title, ...lines.map((line) => `  - ${line}`)] : [];
    const nothing = steps.length + afterwards.length + refusals.length === 0;
    return [
      ...(nothing ? ['There is nothing to do: the database holds these tables.'] : []),
      ...listed('A start would be refused, and do nothing:', refusals),
      ...listed(
        refusals.length > 0 ? 'Otherwise it would, in one transaction:' : 'A start would, in one transaction:',
        steps,
      ),
      ...listed('and then, one by one, while others read and write:', afterwards),
      ...listed('Kept, though the tables do not say it:', kept),
    ].join('\n');
  });
}
