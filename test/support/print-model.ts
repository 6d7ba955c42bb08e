// A model as text that people read: what was understood of table files, line by line, without what every table has.

import type { Filter } from '../../src/tables/filter.ts';
import {
  type Column,
  type Model,
  OPERATIONS,
  type Permission,
  type Relation,
  type TableModel,
} from '../../src/tables/model.ts';

/** All of the model but its version. */
export function printModel(model: Model): string {
  const enums = [...model.enums.values()].map(({ name, description, values }) => {
    const lines = values.map((value) => `  ${value.name}${about(value.description)}`);
    return [`enum ${name}${about(description)}`, ...lines].join('\n');
  });
  const links = [...model.links.values()].map(({ sqlName, sides, formerNames }) => {
    const columns = (names: readonly string[]) => sides.map(({ table }, at) => `${table} by ${names[at]}`).join(', ');
    const own = sides.map(({ sqlColumn }) => sqlColumn);
    const former = formerNames.map((before) => `\n  before: ${before.sqlName}: ${columns(before.sqlColumns)}`);
    return `link ${sqlName}: ${columns(own)}${former.join('')}`;
  });
  const roles = model.roles.length > 0 ? [`roles: ${model.roles.join(', ')}`] : [];
  return `${[...enums, ...[...model.tables.values()].map(printTable), ...links, ...roles].join('\n\n')}\n`;
}

function printTable(table: TableModel): string {
  const options = [
    `plural ${table.plural}`,
    `"${table.sqlName}" in the database`,
    ...(table.renamedFrom === null ? [] : [`"${table.renamedFrom}" before`]),
    ...(table.softDelete ? ['soft delete'] : []),
    ...(table.dynamicSchema ? ['dynamic schema'] : []),
    ...(table.store === 'SQL' ? [] : [table.store]),
  ];
  const columns = [...table.columns.values()];
  return [
    `table ${table.name}: ${options.join(', ')}${about(table.description)}`,
    ...columns.filter(({ system, name }) => !system && name !== 'id').map((column) => `  ${printColumn(column)}`),
    `  and ${columns.flatMap(({ system, name }) => (system || name === 'id' ? name : [])).join(', ')}`,
    ...[...table.relations.values()].map((relation) => `  ${printRelation(relation)}`),
    ...table.keys.slice(1).map((key) => `  key (${key.columns.join(', ')})`),
    ...table.indexes.map((index) => `  index (${index.columns.join(', ')})`),
    ...(table.permissions ?? []).map((permission) => `  may ${printPermission(permission)}`),
  ].join('\n');
}

function printColumn(column: Column): string {
  const { name, sqlName, type, list, required, defaultValue, preset, checks, renamedFrom, relation } = column;
  const bounds = (what: 'length' | 'range') => {
    const found = checks[what];
    return found ? [`${what} ${found.min ?? ''}..${found.max ?? ''}`] : [];
  };
  const value = preset?.value.kind === 'caller' ? `$user.${preset.value.path.join('.')}` : shown(preset?.value.value);
  return [
    `${name}: ${list ? `[${type.name}!]` : type.name}${required ? '!' : ''}`,
    `"${sqlName}"`,
    ...(renamedFrom === null ? [] : [`before "${renamedFrom}"`]),
    ...(relation === null ? [] : [`the key of ${relation}`]),
    ...(defaultValue === undefined ? [] : [`default ${shown(defaultValue)}`]),
    ...(preset ? [`preset on ${preset.operations.join(', ')} ${value}`] : []),
    ...bounds('length'),
    ...bounds('range'),
    ...(checks.pattern ? [`pattern ${checks.pattern.regex} ${shown(checks.pattern.message)}`] : []),
    ...(column.permissions ?? []).map((permission) => `may ${printPermission(permission)}`),
  ]
    .join(', ')
    .concat(about(column.description));
}

function printRelation({ name, kind, target, column, link, required, onDelete, description }: Relation): string {
  const how = link ? `${link.sqlName} (${link.ownerColumn}, ${link.targetColumn})` : column;
  const more = kind === 'belongsTo' ? `, ${required ? 'required' : 'optional'}, on delete ${onDelete}` : '';
  return `${name}: ${kind} ${target} by ${how}${more}${about(description)}`;
}

function printPermission({ operations, level, roles, rows, check }: Permission): string {
  const who = roles ? `${level} ${roles.join(' or ')}` : level;
  const what = operations.length === OPERATIONS.length ? 'everything' : operations.join(', ');
  const sameCheck = rows !== null && check === rows;
  const rules = [
    ...(rows ? [`rows ${printFilter(rows)}`] : []),
    ...(check ? [`check ${sameCheck ? 'the same' : printFilter(check)}`] : []),
  ];
  return [`${what}: ${who}`, ...rules].join(', ');
}

/** A filter names what it is over and asks by members; what it is in full, other tests say. */
function printFilter(filter: Filter): string {
  return JSON.stringify(filter);
}

const shown = (value: unknown) => JSON.stringify(value);
const about = (description: string | null) => (description === null ? '' : ` -- ${shown(description)}`);
