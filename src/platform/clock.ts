// Time, as something that is handed in: rooms never read the clock by themselves.

/** Milliseconds since the Unix epoch. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
