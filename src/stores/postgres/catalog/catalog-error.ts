// What keeps the catalog from being migrated: what passes by itself, and words for what does not.

import type pg from 'pg';
import { messageOf } from '../../../platform/errors.ts';
import { UnusableDatabase } from '../check-server.ts';
import { isConnectionLoss } from '../store-error.ts';

/** Another transaction was in the way: a lock was not to be had in time, a deadlock, a conflict of snapshots. */
const BUSY = ['55P03', '40P01', '40001'];
const MAY_NOT = '42501';

/** What the driver said; TypeORM wraps it. */
export function driverErrorOf(error: unknown): unknown {
  return (error as { readonly driverError?: unknown } | null)?.driverError ?? error;
}

/** Whether trying again may succeed with nobody doing anything. */
export function passes(error: unknown): boolean {
  const cause = driverErrorOf(error);
  return BUSY.includes(codeOf(cause)) || isConnectionLoss(cause);
}

/** The error for the person who starts the service. */
export async function toPeople(pool: pg.Pool, error: unknown): Promise<UnusableDatabase> {
  if (error instanceof UnusableDatabase) return error;
  const cause = driverErrorOf(error);
  const remedy = codeOf(cause) === MAY_NOT ? await rightsToGive(pool).catch(() => '') : '';
  return new UnusableDatabase(
    `Tablecast's own tables, in the schema "tablecast", could not be made or changed, and nothing was: ${messageOf(cause)}.${remedy}`,
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  return (error as { readonly code?: string } | null)?.code ?? '';
}

async function rightsToGive(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ own: string; database: string; owner: string | null }>(
    `SELECT quote_ident(current_user) AS own, quote_ident(current_database()) AS database,
            (SELECT quote_ident(pg_get_userbyid(nspowner)) FROM pg_namespace WHERE nspname = 'tablecast') AS owner`,
  );
  const [found] = rows;
  if (!found) return '';
  const { own, database, owner } = found;
  return owner === null
    ? ` As an administrator, run: GRANT CREATE ON DATABASE ${database} TO ${own};`
    : ` The schema belongs to ${owner}: connect as that user, or as a member of it (GRANT ${owner} TO ${own};).`;
}
