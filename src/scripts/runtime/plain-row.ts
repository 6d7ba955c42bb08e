// What a script gives the service: JSON, and nothing else.

type Row = Record<string, unknown>;

/** Objects and lists inside each other. */
const MAX_LEVELS = 100;

/** The row; null for nothing. Throws for what JSON cannot hold, naming the place. */
export function plainRow(value: unknown, what: string): Row | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${what} must be an object: a row.`);
  assertPlain(value, what, [], MAX_LEVELS);
  return value as Row;
}

/** Throws a TypeError for what JSON cannot hold, naming the place. */
export function assertJson(value: unknown, what: string): void {
  assertPlain(value, what, [], MAX_LEVELS);
}

function assertPlain(value: unknown, what: string, path: readonly string[], levels: number): void {
  const refuse = (problem: string) => {
    throw new TypeError(`${what} ${problem}${path.length > 0 ? ` at ${path.join('.')}` : ''}.`);
  };
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return;
    case 'number':
      if (!Number.isFinite(value)) refuse(`has ${value}, which JSON has not,`);
      return;
    case 'object':
      break;
    default:
      refuse(
        `has a ${typeof value}, which JSON has not: give a text${typeof value === 'bigint' ? '' : ' or a number'},`,
      );
  }
  if (value === null || value instanceof Date) return;
  if (levels === 0) refuse('nests too deeply');
  for (const [name, member] of Object.entries(value as object)) assertPlain(member, what, [...path, name], levels - 1);
}
