// What one run may use of its host. The service says it once, before it says anything else.

import type { RuntimeLimits } from '../host/host-limits.ts';

let given: RuntimeLimits | null = null;

export function setLimits(limits: RuntimeLimits): void {
  given = Object.freeze({ ...limits });
}

export function limits(): RuntimeLimits {
  if (!given) throw new Error('nothing was loaded yet');
  return given;
}
