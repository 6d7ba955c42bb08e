// A schema as text, sorted, with the permissions of its fields: graphql's own printer leaves applied directives out.

import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  parse,
  parseConstValue,
  print,
  printSchema,
  visit,
} from 'graphql';

/** The SDL of a schema built by `build-schema.ts`. */
export function printWithPermissions(schema: GraphQLSchema): string {
  const sorted = lexicographicSortSchema(schema);
  const document = parse(printSchema(sorted));
  const printed = visit(document, {
    ObjectTypeDefinition(node) {
      const type = sorted.getType(node.name.value);
      const fields = type && 'getFields' in type ? type.getFields() : {};
      const withDirectives = (field: FieldDefinitionNode) => ({
        ...field,
        directives: permissionsOf(fields[field.name.value]?.extensions).map(toDirectiveNode),
      });
      return { ...node, fields: (node.fields ?? []).map(withDirectives) };
    },
  });
  return print(printed);
}

interface PrintedPermission {
  readonly on: readonly string[];
  readonly level: string;
  readonly roles?: readonly string[];
}

function permissionsOf(extensions: Readonly<Record<string, unknown>> | undefined): readonly PrintedPermission[] {
  const directives = extensions?.['directives'] as { permission?: readonly PrintedPermission[] } | undefined;
  return directives?.permission ?? [];
}

function toDirectiveNode({ on, level, roles }: PrintedPermission): ConstDirectiveNode {
  const written = { on: `[${on.join(', ')}]`, level, ...(roles ? { roles: JSON.stringify(roles) } : {}) };
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'permission' },
    arguments: Object.entries(written).map(([name, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: name },
      value: parseConstValue(value),
    })),
  };
}
