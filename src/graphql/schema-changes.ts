// What is different between two schemas, in lines that a person reads: `+ TodoItem.dueAt: DateTime`.

import { type GraphQLSchema, isEnumType, isInputObjectType, isObjectType, isSpecifiedScalarType } from 'graphql';

/** Members of `after` that `before` has not (`+`), or has otherwise (`~`), and those that are gone (`-`); sorted by name. */
export function schemaChanges(before: GraphQLSchema, after: GraphQLSchema): string[] {
  const [old, next] = [membersOf(before), membersOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), next.get(name)];
    if (was === is) return [];
    if (is === undefined) return [`- ${name}`];
    return [was === undefined ? `+ ${name}${is}` : `~ ${name}${is} (was${was})`];
  });
}

/** Every field with its arguments and type, and every value of an enum, by `Type.member`. */
function membersOf(schema: GraphQLSchema): Map<string, string> {
  const members = new Map<string, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
    if (isEnumType(type)) for (const { name } of type.getValues()) members.set(`${type.name}.${name}`, '');
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) members.set(`${type.name}.${field.name}`, `: ${field.type}`);
    if (!isObjectType(type)) continue;
    for (const { name, args, type: answer } of Object.values(type.getFields())) {
      const list = args.map((argument) => `${argument.name}: ${argument.type}`).join(', ');
      members.set(`${type.name}.${name}`, `${list === '' ? '' : `(${list})`}: ${answer}`);
    }
  }
  return members;
}
