// The connections that rows are read on for whoever follows the log.

import type pg from 'pg';
import { openPool, type PoolOptions } from '../open-pool.ts';

/**
 * The texts of rows must be those that the log has of them, whatever the server's settings are (`catalog/change-log-capture.ts`);
 * and what the statistics say of a growing log's end is always wrong, while its indexes are always right. A scan that cannot be
 * avoided then costs so much in the eyes of servers before 18 that they compile the statement, for longer than it takes.
 */
const SETTINGS = `SET "TimeZone" = 'UTC'; SET bytea_output = 'hex'; SET extra_float_digits = 1; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan`;

/** A pool of its own, past a transaction pooler. Close it with `end()`. */
export function openLogReaders(options: PoolOptions): pg.Pool {
  return openPool({ ...options, preparation: SETTINGS });
}
