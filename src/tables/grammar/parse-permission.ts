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
  if (on?.length === 0) problems.add(use.node, '`on` names no operation: leave it out to mean all of them');
  if (roles && level !== 'USER') problems.add(use.node, 'only level USER has roles');
  if (roles?.length === 0)
    problems.add(use.node, '`roles` is empty, so that nobody passes: name a role, or leave it out');
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
