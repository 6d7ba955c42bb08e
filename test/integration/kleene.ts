// An evaluator of row rules for tests: loops over rows in memory, with the three values of Kleene's logic. It shares nothing
// with the product but the meaning, and is written for few types and small values.

/** True, false, or unknown. */
export type Verdict = boolean | null;

export type Type = 'String' | 'ID' | 'Int' | 'Decimal' | 'Boolean' | 'DateTime' | 'UUID' | 'Mood';
export const MOODS = ['SAD', 'HAPPY'];

export type Operand = { readonly value: unknown } | { readonly path: string };

export type Rule =
  | { readonly and: readonly Rule[] }
  | { readonly or: readonly Rule[] }
  | { readonly not: Rule }
  | { readonly column: string; readonly type: Type; readonly operator: string; readonly operand: Operand }
  | { readonly column: string; readonly isNull: boolean }
  | { readonly relation: string; readonly quantifier: 'one' | 'some' | 'every' | 'none'; readonly rule: Rule };

export type Row = Readonly<Record<string, unknown>>;

export interface World {
  /** The rows that `relation` leads to from a row; none that is deleted. */
  related(row: Row, relation: string): readonly Row[];
  readonly user: { readonly id: string; readonly roles: readonly string[]; readonly claims: Row } | null;
}

export const allOf = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(false) ? false : verdicts.includes(null) ? null : true;
export const not = (verdict: Verdict): Verdict => (verdict === null ? null : !verdict);
export const anyOf = (verdicts: readonly Verdict[]): Verdict => not(allOf(verdicts.map(not)));

/** What the rule says of the row. Only true is yes. */
export function judge(rule: Rule, row: Row, world: World): Verdict {
  if ('and' in rule) return allOf(rule.and.map((part) => judge(part, row, world)));
  if ('or' in rule) return anyOf(rule.or.map((part) => judge(part, row, world)));
  if ('not' in rule) return not(judge(rule.not, row, world));
  if ('relation' in rule) {
    const verdicts = world.related(row, rule.relation).map((other) => judge(rule.rule, other, world));
    if (rule.quantifier === 'every') return allOf(verdicts);
    return rule.quantifier === 'none' ? not(anyOf(verdicts)) : anyOf(verdicts);
  }
  if ('isNull' in rule) return (row[rule.column] === null) === rule.isNull;
  return compare(rule, row[rule.column] ?? null, world);
}

function compare(
  { type, operator, operand }: Extract<Rule, { operator: string }>,
  left: unknown,
  world: World,
): Verdict {
  const right = 'value' in operand ? operand.value : valueAt(world, operand.path);
  if (left === null || right === undefined) return null;
  const many = operator === 'in' || operator === 'notIn';
  if (many !== Array.isArray(right)) return null;
  const items = (many ? (right as unknown[]) : [right]).map((item) => comparable(type, item));
  if (items.includes(undefined)) return null;
  const own = comparable(type, left);
  if (own === undefined) throw new Error(`a row holds ${JSON.stringify(left)} in a column of type ${type}`);
  const orders = items.map((item) => order(own, item as string | bigint));
  switch (operator) {
    case 'eq':
    case 'in':
      return orders.includes(0);
    case 'ne':
    case 'notIn':
      return !orders.includes(0);
    case 'lt':
      return orders[0] === -1;
    case 'lte':
      return orders[0] !== 1;
    case 'gt':
      return orders[0] === 1;
    default:
      return orders[0] !== -1;
  }
}

/** Undefined when it is missing: absent, null, empty. */
function valueAt({ user }: World, path: string): unknown {
  let at: unknown = user;
  for (const step of path.split('.').slice(1)) {
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Row)[step] : undefined;
  }
  return at === null || at === '' || (Array.isArray(at) && at.length === 0) ? undefined : at;
}

/** Something whose order is the type's; undefined when the value is not of the type. */
function comparable(type: Type, value: unknown): string | bigint | undefined {
  const text = typeof value === 'string' ? value : undefined;
  switch (type) {
    case 'String':
      return text;
    case 'ID':
      return Number.isSafeInteger(value) ? String(value) : text;
    case 'Int':
      return typeof value === 'number' && (value | 0) === value ? BigInt(value) : undefined;
    case 'Boolean':
      return typeof value === 'boolean' ? String(value) : undefined;
    case 'Mood':
      return text !== undefined && MOODS.includes(text) ? text : undefined;
    case 'UUID':
      return text !== undefined && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
        ? text.toLowerCase()
        : undefined;
    case 'DateTime':
      return text !== undefined && /^\d{4}-.*T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? BigInt(Date.parse(text)) : undefined;
    case 'Decimal': {
      const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
      if (whole === '' || (text === undefined && typeof value !== 'number')) return undefined;
      return BigInt(`${sign}${whole}${fraction.padEnd(10, '0')}`);
    }
  }
}

/** Texts by code point, the others by size. */
function order(a: string | bigint, b: string | bigint): -1 | 0 | 1 {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The rule as it is written in a table file. */
export function writeRule(rule: Rule): string {
  if ('and' in rule) return `{ AND: [${rule.and.map(writeRule).join(', ')}] }`;
  if ('or' in rule) return `{ OR: [${rule.or.map(writeRule).join(', ')}] }`;
  if ('not' in rule) return `{ NOT: ${writeRule(rule.not)} }`;
  if ('relation' in rule) {
    const inner = writeRule(rule.rule);
    return `{ ${rule.relation}: ${rule.quantifier === 'one' ? inner : `{ ${rule.quantifier}: ${inner} }`} }`;
  }
  if ('isNull' in rule) return `{ ${rule.column}: { isNull: ${rule.isNull} } }`;
  const { column, type, operator, operand } = rule;
  const literal = (value: unknown) => (type === 'Mood' ? String(value) : JSON.stringify(value));
  const many = 'value' in operand && Array.isArray(operand.value);
  const written =
    'path' in operand
      ? JSON.stringify(operand.path)
      : many
        ? `[${(operand.value as unknown[]).map(literal).join(', ')}]`
        : literal(operand.value);
  return `{ ${column}: { ${operator}: ${written} } }`;
}
