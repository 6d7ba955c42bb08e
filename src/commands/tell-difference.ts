// What a saved change of the table files is, in words for the developer who saved it.

import { isDeepStrictEqual } from 'node:util';
import { fullestClass } from '../access/caller-class.ts';
import { buildClassSchema } from '../graphql/build-schema.ts';
import { schemaChanges } from '../graphql/schema-changes.ts';
import type { Model } from '../tables/model.ts';

/** A text of several lines; `steps` are what was done to the database. */
export function tellDifference(before: Model, after: Model, steps: readonly string[]): string {
  const kept = keptIn(before, after);
  const described = descriptionChanges(kept);
  const changes = [
    ...section('in the database', steps),
    ...section('in the API', [...apiChanges(before, after), ...reorderedEnums(before, after)]),
    ...section('in what is allowed, filled in and checked', ruleChanges(kept)),
  ];
  return [headline(changes, described), ...changes, ...section('in descriptions', described)].join('\n');
}

function headline(changes: readonly string[], described: readonly string[]): string {
  if (changes.length > 0) return 'The tables were changed.';
  if (described.length > 0) return 'Descriptions were changed.';
  return 'The table files were changed, and mean what they did before.';
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [`  ${title}:`, ...lines.map((line) => `    ${line}`)] : [];
}

function apiChanges(before: Model, after: Model): string[] {
  const schemaOf = (model: Model) => buildClassSchema(model, fullestClass(model.roles));
  const changes = schemaChanges(schemaOf(before), schemaOf(after));
  const told = changes.filter((change) => isWritten(change, [before, after]));
  const others = changes.length - told.length;
  return others > 0 ? [...told, `and ${others} in the filters, orders, keys and aggregates that follow`] : told;
}

/** Whether a change is of an operation, of a type that stands in the table files, or of a new row; the others follow. */
function isWritten(change: string, models: readonly Model[]): boolean {
  const type = /^. (\w+?)(?:Insert)?\./.exec(change)?.[1] ?? '';
  return (
    ['Query', 'Mutation'].includes(type) || models.some(({ tables, enums }) => tables.has(type) || enums.has(type))
  );
}

/** Rows are ordered by an enum as its values are declared. */
function reorderedEnums(before: Model, after: Model): string[] {
  const namesOf = (model: Model, name: string) => model.enums.get(name)?.values.map((value) => value.name) ?? [];
  return [...after.enums.keys()].flatMap((name) => {
    const [was, is] = [namesOf(before, name), namesOf(after, name)] as const;
    const moved = !isDeepStrictEqual(
      was.filter((value) => is.includes(value)),
      is.filter((value) => was.includes(value)),
    );
    return moved ? [`~ ${name}: the order of its values`] : [];
  });
}

function ruleChanges(kept: readonly Kept[]): string[] {
  return kept.flatMap(({ name, was, is }) => {
    const rules = Object.keys(is.rules).filter((rule) => !isDeepStrictEqual(was.rules[rule], is.rules[rule]));
    return rules.length > 0 ? [`~ ${name}: ${rules.join(', ')}`] : [];
  });
}

function descriptionChanges(kept: readonly Kept[]): string[] {
  return kept.filter(({ was, is }) => was.description !== is.description).map(({ name }) => name);
}

/** What is written in a table file and has a name. */
interface Thing {
  readonly description: string | null;
  /** What neither the database nor the API shows, by what it is called. */
  readonly rules: Readonly<Record<string, unknown>>;
}

/** A thing of both models, by its name in the API. */
interface Kept {
  readonly name: string;
  readonly was: Thing;
  readonly is: Thing;
}

function keptIn(before: Model, after: Model): Kept[] {
  const old = thingsIn(before);
  return [...thingsIn(after)].flatMap(([name, is]) => {
    const was = old.get(name);
    return was ? [{ name, was, is }] : [];
  });
}

function thingsIn({ tables, enums }: Model): Map<string, Thing> {
  const things = new Map<string, Thing>();
  for (const { name, description, permissions, dynamicSchema, columns, relations } of tables.values()) {
    things.set(name, { description, rules: { permissions, dynamicSchema } });
    for (const column of columns.values()) {
      const { permissions, preset, checks } = column;
      const rules = { permissions, preset, pattern: checks.pattern };
      things.set(`${name}.${column.name}`, { description: column.description, rules });
    }
    for (const relation of relations.values())
      things.set(`${name}.${relation.name}`, { description: relation.description, rules: {} });
  }
  for (const { name, description, values } of enums.values()) {
    things.set(name, { description, rules: {} });
    for (const value of values) things.set(`${name}.${value.name}`, { description: value.description, rules: {} });
  }
  return things;
}
