// Connections for scripts. Their transactions are open while they think, so that they may have half of a pool at a time.

import type pg from 'pg';
import { ServiceError } from '../../platform/errors.ts';
import { type Release, Slots } from '../../platform/slots.ts';

/** Milliseconds in line, at most. */
const WAIT = 3_000;

const SLOTS = new WeakMap<pg.Pool, Slots>();

/** A place among the connections for scripts. Throws SERVICE_UNAVAILABLE when none becomes free. */
export async function scriptSlot(pool: pg.Pool): Promise<Release> {
  const slots = SLOTS.get(pool) ?? new Slots(Math.max(1, Math.floor((pool.options.max ?? 2) / 2)), WAIT);
  SLOTS.set(pool, slots);
  const release = await slots.take();
  if (release) return release;
  throw new ServiceError('SERVICE_UNAVAILABLE', 'Too many scripts are at work in the database. Try again.', {
    retryAfter: 1,
  });
}
