// `@permission` on tables and columns.

import { Kind } from 'graphql';
import type { Filter } from '../filter.ts';
import { type Level, OPERATIONS, type Operation, type Permission } from '../model.ts';
import type { Use } from './directives.ts';
import { parseRule, type RuleScope } from './parse-rule.ts';
import type { ProblemList } from './problems.ts';

interface Arguments {
  readonly on?: readonly Operation[] | null;
  readonly level: Level;
  readonly roles?: readonly string[] | null;
}

/** The alternatives written on one table or column. Null when none was: the default applies. */
export function parsePermissions(
  uses: readonly Use[] | undefined,
  scope: RuleScope,
  place: 'table' | 'column',
  problems: ProblemList,
): readonly Permission[] | null {
  return uses ? uses.map((use) => parsePermission(use, scope, place, problems)) : null;
}

function parsePermission(use: Use, scope: RuleScope, place: 'table' | 'column', problems: ProblemList): Permission {
  const { on, level, roles } = use.values as unknown as Arguments;
  const at = (name: 'on' | 'roles') => use.valueNode(name) ?? use.node;
  if (on?.length === 0) problems.add(at('on'), '`on` names no operation: leave it out to mean all of them');
  const idle = on?.find((operation) => isIdle(operation, place, scope));
  if (idle) problems.add(at('on'), `${idle} ${IDLE[place]}`);
  if (roles && level !== 'USER')
    problems.add(at('roles'), 'only level USER has roles: leave them out, or write level: USER');
  if (roles?.length === 0)
    problems.add(at('roles'), '`roles` is empty, so that nobody passes: name a role, or leave it out');
  const rule = (name: 'rows' | 'check'): Filter | null => {
    const node = use.valueNode(name);
    if (!node || node.kind === Kind.NULL) return null;
    if (place === 'column') {
      problems.add(node, `\`${name}\` is for tables: a column is shown or hidden whole`);
      return null;
    }
    return parseRule(node, scope, problems);
  };
  const rows = rule('rows');
  // As with PostgreSQL's policies: a row that may be touched may not be turned into one that may not.
  return { operations: on ?? OPERATIONS, level, roles: roles ?? null, rows, check: rule('check') ?? rows };
}

/** What a permission for an operation means that its place does not have. */
const IDLE = {
  column: 'is nothing that is done to a column: name READ, INSERT, UPDATE or SUBSCRIBE',
  table: 'is for tables with soft delete: leave it out, or write @table(softDelete: true)',
} as const;

function isIdle(operation: Operation, place: 'table' | 'column', { columns }: RuleScope): boolean {
  if (place === 'column') return operation === 'DELETE' || operation === 'UNDELETE';
  return operation === 'UNDELETE' && !columns.has('deleted');
}
