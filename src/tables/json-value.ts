// JSON values as PostgreSQL's jsonb sees them: what is equal, what contains what, and what stands at a path.

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown) => typeof value !== 'object' || value === null;

/** Members in any order; numbers by size, so that there is one zero. */
export function jsonEquals(a: unknown, b: unknown): boolean {
  if (isScalar(a) || isScalar(b)) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, at) => jsonEquals(item, b[at]));
  }
  const left = a as Members;
  const right = b as Members;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && jsonEquals(left[name], right[name]))
  );
}

/**
 * jsonb's `@>`: an object contains another with some of its members, a list one with some of its items in any order, and
 * a list contains a scalar that is one of its items.
 */
export function jsonContains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(whole) && isScalar(part)) return whole.some((item) => jsonEquals(item, part));
  return deepContains(whole, part);
}

function deepContains(whole: unknown, part: unknown): boolean {
  if (isScalar(whole) || isScalar(part)) return whole === part;
  if (Array.isArray(whole) && Array.isArray(part)) {
    return part.every((wanted) => whole.some((item) => deepContains(item, wanted)));
  }
  if (!isObject(whole) || !isObject(part)) return false;
  return Object.keys(part).every((name) => Object.hasOwn(whole, name) && deepContains(whole[name], part[name]));
}

/** What stands at the path, as `#>` finds it; undefined when there is nothing. */
export function jsonAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at.at(positionOf(step) ?? at.length);
    return isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, value);
}

const INT_MAX = 2 ** 31 - 1;

/** A position as C's strtol reads it; negative ones count from the end. Null when it is none. */
function positionOf(step: string): number | null {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(step)) return null;
  const position = Number(step);
  return Math.abs(position + 0.5) <= INT_MAX + 0.5 ? position : null;
}
