// Identifiers the service makes itself.

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';

/** A request id: what ties an answer to its log lines. */
export function newRequestId(): string {
  return randomUUID();
}

/** Ids that one maker can make within a millisecond; with more it runs ahead of the clock. */
const COUNTED = 0x1000;
/** A millisecond begins somewhere in the lower half, so that there is room to count in it. */
const STARTS = 0x0800;

/**
 * Makes UUIDv7s (RFC 9562 section 5.7): 48 bits of Unix milliseconds, 12 of a counter (section 6.2, method 1), then random
 * ones. Each sorts after those made before it, so that rows made together stay in the order in which they were made.
 */
export function uuidV7Maker(clock: Clock): () => string {
  let time = 0;
  let counter = 0;
  return () => {
    const now = clock();
    counter += 1;
    if (now > time || counter === COUNTED) {
      time = Math.max(now, time + 1);
      counter = randomInt(STARTS);
    }
    const bytes = randomBytes(16);
    bytes.writeUIntBE(time, 0, 6);
    bytes.writeUInt16BE(0x7000 | counter, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}
