// `@length`, `@range` and `@pattern`: what a column asks of its values beyond their type.

import { Kind, type ValueNode } from 'graphql';
import { compareDecimals } from '../compare-values.ts';
import type { ColumnChecks, ColumnType } from '../model.ts';
import type { Use } from './directives.ts';
import type { ProblemList } from './problems.ts';

/** What the checks are over. */
export interface Checked {
  readonly type: ColumnType;
  readonly list: boolean;
}

type Bounds = { readonly min: number | null; readonly max: number | null };

/** What a column without checks has. */
export const NO_CHECKS: ColumnChecks = Object.freeze({ length: null, range: null, pattern: null });

const LENGTHS: readonly string[] = ['String', 'ID'];
const RANGES: readonly string[] = ['Int', 'BigInt', 'Float', 'Decimal'];
const WHOLE: ReadonlyMap<string, Bounds> = new Map([
  ['Int', { min: -(2 ** 31), max: 2 ** 31 - 1 }],
  ['BigInt', { min: -(2 ** 63), max: 2 ** 63 }],
]);

/** Reads the checks of a column. One that is wrong is a problem, and left out. */
export function parseChecks(
  uses: ReadonlyMap<string, readonly Use[]>,
  checked: Checked,
  problems: ProblemList,
): ColumnChecks {
  const use = (name: string, types: readonly string[]) => {
    const found = uses.get(name)?.[0];
    if (!found || (!checked.list && types.includes(checked.type.name))) return found;
    problems.add(found.node, `@${name} is for ${types.join(', ')}, and this is ${typeInWords(checked)}`);
    return undefined;
  };
  return {
    length: parseLength(use('length', LENGTHS), problems),
    range: parseRange(use('range', RANGES), checked.type, problems),
    pattern: parsePattern(use('pattern', LENGTHS), problems),
  };
}

/** `String`, `[String!]`. */
export function typeInWords({ type, list }: Checked): string {
  return list ? `[${type.name}!]` : type.name;
}

function parseLength(use: Use | undefined, problems: ProblemList): Bounds | null {
  const bounds = use && parseBounds(use, problems);
  if (!use || !bounds) return null;
  const negative = (['min', 'max'] as const).find((name) => (bounds[name] ?? 0) < 0);
  if (negative) problems.add(use.valueNode(negative) ?? use.node, 'no length is less than 0');
  return bounds;
}

function parseRange(use: Use | undefined, type: ColumnType, problems: ProblemList): Bounds | null {
  const bounds = use && parseBounds(use, problems);
  if (!use || !bounds) return null;
  for (const name of ['min', 'max'] as const) {
    const node = use.valueNode(name);
    const bound = bounds[name];
    if (!node || bound === null || type.name === 'Float' || isExact(node, bound)) continue;
    problems.add(node, `a bound has at most 15 digits: this one would be ${bound}`);
  }
  const whole = WHOLE.get(type.name);
  if (
    whole &&
    Math.ceil(Math.max(bounds.min ?? -Infinity, whole.min ?? 0)) >
      Math.floor(Math.min(bounds.max ?? Infinity, whole.max ?? 0))
  )
    problems.add(use.node, `no ${type.name} is in this range: it would refuse every value`);
  return bounds;
}

/** Whether the number is the decimal that was written. */
function isExact(node: ValueNode, bound: number): boolean {
  const isNumber = node.kind === Kind.INT || node.kind === Kind.FLOAT;
  return !isNumber || compareDecimals(node.value, String(bound)) === 0;
}

/** Null where they are no bounds. */
function parseBounds(use: Use, problems: ProblemList): Bounds | null {
  const { min = null, max = null } = use.values as { min?: number | null; max?: number | null };
  const name = use.node.name.value;
  if (min === null && max === null) problems.add(use.node, `@${name} needs min, max or both`);
  else if ([min, max].some((bound) => bound !== null && !Number.isFinite(bound)))
    problems.add(use.node, `@${name}: a bound is no finite number: leave it out where there is none`);
  else if (min !== null && max !== null && min > max)
    problems.add(use.node, `@${name}: min is more than max: it would refuse every value`);
  else return { min, max };
  return null;
}

function parsePattern(use: Use | undefined, problems: ProblemList): ColumnChecks['pattern'] {
  if (!use) return null;
  const { regex, message = null } = use.values as { regex: string; message?: string | null };
  try {
    return { regex: new RegExp(regex, 'u'), message };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    problems.add(
      use.valueNode('regex') ?? use.node,
      `a pattern is a regular expression of JavaScript, with the u flag: ${words}`,
    );
    return null;
  }
}
