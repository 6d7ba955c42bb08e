// Writing the history of models: plain SQL, because it belongs to the transaction that applies the model.

import type pg from 'pg';
import type { AppliedModel } from './applied-model.ts';

/**
 * Adds to the history that a model was applied. Nothing is added when nothing was done and the last entry is of the same
 * model and Tablecast: that many processes start says nothing. Call it under the lock and in the transaction that changes
 * the tables, so that the history has the order of what happened, and nothing that did not.
 */
export async function recordAppliedModel(
  client: pg.ClientBase,
  { modelVersion, productVersion, steps }: Pick<AppliedModel, 'modelVersion' | 'productVersion' | 'steps'>,
): Promise<void> {
  await client.query(
    `INSERT INTO tablecast.applied_model (model_version, product_version, steps)
     SELECT $1::text, $2::text, $3::text[]
      WHERE cardinality($3::text[]) > 0
         OR ($1, $2) IS DISTINCT FROM (SELECT (model_version, product_version) FROM tablecast.applied_model ORDER BY id DESC LIMIT 1)`,
    [modelVersion, productVersion, steps],
  );
  await tellChangeLog(client);
}

/** What is logged from now on is of the last model. */
async function tellChangeLog(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ id: string; told: string | null }>(
    'SELECT max(id) AS id, tablecast.applied_model_id() AS told FROM tablecast.applied_model',
  );
  const [{ id, told } = { id: null, told: null }] = rows;
  if (id === told) return;
  await client.query(
    `CREATE OR REPLACE FUNCTION tablecast.applied_model_id() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT ${id}::pg_catalog.int8 $$`,
  );
}
