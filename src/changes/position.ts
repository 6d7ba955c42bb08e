// A place in the change log. Logs order their changes by it; how it looks to a client is not decided here.

export interface Position {
  /** Whose order it is. A log that lost some of its past, or became another's copy, has another epoch. */
  readonly epoch: string;
  /** Changes that were given their place together; a later batch has a greater number. */
  readonly batch: bigint;
  /** The order inside the batch. */
  readonly seq: bigint;
}

/** Negative when `a` comes before `b`, 0 when they are the same place. Both must be of one epoch. */
export function comparePositions(a: Position, b: Position): number {
  if (a.epoch !== b.epoch) throw new Error('positions of different epochs have no order');
  return Math.sign(Number(a.batch - b.batch)) || Math.sign(Number(a.seq - b.seq));
}
