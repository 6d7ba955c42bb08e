// The limits of an operation, as settings; and read alone, where the rest of the configuration is not there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConfigError } from '../../../src/config/config-error.ts';
import { parseConfig, parseLimits } from '../../../src/config/parse-config.ts';
import { LIMITS } from '../../../src/graphql/limits.ts';

const APP = { dir: '/app' };

test('each limit has its setting', () => {
  const env = {
    TABLECAST_PAGE_SIZE: '1',
    TABLECAST_PAGE_LIMIT: '2',
    TABLECAST_DEPTH_LIMIT: '3',
    TABLECAST_ALIASES_LIMIT: '4',
    TABLECAST_FIELDS_LIMIT: '5',
    TABLECAST_ROWS_LIMIT: '6',
    TABLECAST_COST_LIMIT: '7',
    TABLECAST_FILTER_DEPTH_LIMIT: '8',
    TABLECAST_FILTER_CONDITIONS_LIMIT: '9',
    TABLECAST_ORDER_KEYS_LIMIT: '10',
    TABLECAST_ORDER_RELATIONS_LIMIT: '11',
  };
  assert.deepEqual(parseConfig(env, APP).limits, {
    pageSize: 1,
    page: 2,
    depth: 3,
    aliases: 4,
    fields: 5,
    rows: 6,
    cost: 7,
    filterDepth: 8,
    filterConditions: 9,
    orderKeys: 10,
    orderRelations: 11,
  } satisfies typeof LIMITS);
  assert.deepEqual(parseConfig({}, APP).limits, LIMITS);
});

describe('the limits alone', () => {
  test('are those of the whole configuration', () => {
    const env = { TABLECAST_PAGE_SIZE: '7', TABLECAST_ORDER_KEYS_LIMIT: '8' };
    assert.deepEqual(parseLimits(env, APP), parseConfig(env, APP).limits);
  });

  test('ask for nothing else', () => {
    const others = { NODE_ENV: 'production', PORT: 'x', DATABASE_URL: 'y', TABLECAST_JWKS_ISSUER: 'z' };
    assert.deepEqual(parseLimits(others, APP), LIMITS);
  });

  test('and are checked, all of them', () => {
    assert.throws(
      () => parseLimits({ TABLECAST_ROWS_LIMIT: 'x', TABLECAST_PAGE_SIZE: '2000' }, APP),
      (error: ConfigError) =>
        error.problems.map(({ variable }) => variable).join() === 'TABLECAST_ROWS_LIMIT,TABLECAST_PAGE_SIZE',
    );
  });
});
