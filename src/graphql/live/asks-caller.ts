// Whether a filter depends on who asks, inside a class of callers.

/** Looks for a value of the caller's, however deep. */
export function asksCaller(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if (Reflect.get(part, 'from') === 'caller') return true;
  return Object.values(part).some(asksCaller);
}
