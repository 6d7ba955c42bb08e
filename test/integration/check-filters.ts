// The property test of filters as a function, so that a short run and a long one are the same. It throws for the first
// filter and row of which the two evaluators say different things, shrunk.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type pg from 'pg';
import type { Request } from '../../src/records/value-source.ts';
import type { ColumnType, Model } from '../../src/tables/model.ts';
import { tableOf } from '../../src/tables/model.ts';
import { anyFilter, anyPool, WRONG_CLAIMS } from './any-filter.ts';
import { type Judgement, judgeInMemory, judgeInSql } from './filter-judgement.ts';
import { anyRows, fill } from './filter-world.ts';

/** How many filter-row pairs were judged, and what was said of them. */
export interface Tally {
  readonly cases: number;
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
}

/**
 * Over each of `worlds` generated sets of rows, judges `runs` lists of up to 80 generated filters, each list for a caller
 * and variables of its own.
 */
export async function checkFilters(
  pool: pg.Pool,
  model: Model,
  { worlds, runs, seed }: { readonly worlds: number; readonly runs: number; readonly seed?: number },
): Promise<Tally> {
  const tally = { cases: 0, yes: 0, no: 0, unknown: 0 };
  const table = tableOf(model, 'Thing');
  const types = new Map<string, ColumnType>([...table.columns.values()].map(({ type }) => [type.name, type]));
  const pools = anyPool([...types.values()].filter(({ name }) => name !== 'Version'));
  // Rows are not part of what is shrunk: written once a world, they are judged by many filters.
  const [firstSeed] = fc.sample(fc.nat(), { numRuns: 1, ...(seed === undefined ? {} : { seed }) });
  for (let world = 0; world < worlds; world++) {
    const worldSeed = (firstSeed ?? 0) + world;
    const [made] = fc.sample(anyRows(model), { numRuns: 1, seed: worldSeed });
    const rows = await fill(pool, model, made ?? {});
    const property = fc.asyncProperty(
      fc.array(anyFilter(model, table, 3), { minLength: 1, maxLength: 80, size: 'max' }),
      pools,
      pools,
      async (asked, variables, claims) => {
        const request = requestOf(variables, claims);
        const inSql = await judgeInSql(pool, model, table, asked, request);
        const inMemory = judgeInMemory(model, table, asked, rows, request);
        for (const [id, verdicts] of inSql) {
          const other = inMemory.get(id) ?? [];
          for (const [at, verdict] of verdicts.entries()) {
            if (String(other[at]) === String(verdict)) continue;
            const row = rows['Thing']?.find((one) => one['id'] === id);
            const told = { filter: asked[at], row, inSql: verdict, inMemory: other[at] };
            assert.fail(`seed ${firstSeed}, world ${world}: ${JSON.stringify(told)}`);
          }
        }
        add(tally, inSql);
      },
    );
    const { failed, errorInstance } = await fc.check(property, { numRuns: runs, seed: worldSeed });
    if (failed) throw errorInstance;
  }
  return tally;
}

/** A request of a user, for whom nothing but its claims matters. */
export function requestOf(
  variables: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
): Request {
  return {
    caller: {
      kind: 'client',
      application: false,
      user: { id: 'u1', roles: ['a'], claims: { ...claims, ...WRONG_CLAIMS } },
    },
    variables,
    requestId: 'test',
    newId: () => 'new',
  };
}

function add(tally: { cases: number; yes: number; no: number; unknown: number }, judgement: Judgement): void {
  for (const [is, isNot] of [...judgement.values()].flat()) {
    tally.cases += 1;
    tally[is ? 'yes' : isNot ? 'no' : 'unknown'] += 1;
  }
}
