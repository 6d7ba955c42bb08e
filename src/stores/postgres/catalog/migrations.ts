// The migrations of the catalog, in their order. One that was released is never changed: what comes later is added below,
// and a test keeps the text of each.

import { AddChangeLog } from './add-change-log.ts';
import { AddFoldCase } from './add-fold-case.ts';
import { AddKeptAnswers } from './add-kept-answers.ts';
import { FirstCatalog } from './first-catalog.ts';
import type { MigrationClass } from './migration.ts';

export const CATALOG_MIGRATIONS: readonly MigrationClass[] = [FirstCatalog, AddFoldCase, AddChangeLog, AddKeptAnswers];
