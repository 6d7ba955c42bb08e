// What applying a model would do, in words, without doing it: every step with what it means for those who use the table.

import type pg from 'pg';
import type { Model } from '../../../tables/model.ts';
import { assertServed } from '../../served-stores.ts';
import { type DatabaseState, readDatabaseState } from './database-state.ts';
import { type Change, type Impact, rowsInWords } from './model-plan.ts';
import { planModel } from './plan-model.ts';
import { weighHazards } from './weigh-hazards.ts';

export interface Preview {
  /** In one transaction. */
  readonly steps: readonly string[];
  /** Afterwards, while others read and write. */
  readonly afterwards: readonly string[];
  readonly refusals: readonly string[];
  readonly kept: readonly string[];
}

/** Reads and counts, and changes nothing. `allowed` is what an apply would be given. Throws as `assertServed` does. */
export async function previewModel(pool: pg.Pool, model: Model, allowed: readonly string[] = []): Promise<Preview> {
  assertServed(model);
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const state: DatabaseState = await readDatabaseState(client);
    const plan = planModel(model, state);
    const { changes, refusals, kept } = await weighHazards(client, plan, { allowed, countKept: true });
    await client.query('COMMIT');
    return { steps: changes.flatMap(inWords), afterwards: plan.afterwards.flatMap(inWords), refusals, kept };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

const IMPACTS: Record<Impact, (size: string) => string> = {
  none: () => '',
  moment: (size) => `locks ${size} for a moment`,
  reads: (size) => `reads ${size}; nobody waits`,
  writes: (size) => `writes rows of ${size}`,
  rewrite: (size) => `rewrites ${size}; nobody else reads or writes it meanwhile`,
};

function inWords({ step, impact, table }: Change): string[] {
  if (step === null) return [];
  const risk = table ? IMPACTS[impact](`"${table.name}" (${sizeOf(table)})`) : '';
  return [risk === '' ? step : `${step}: ${risk}`];
}

function sizeOf({ rows, bytes }: { readonly rows: number; readonly bytes: number }): string {
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
  return rows < 0 ? size : `about ${rowsInWords(rows)}, ${size}`;
}
