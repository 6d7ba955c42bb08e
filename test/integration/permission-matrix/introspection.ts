// What a caller's schema has: the operations, types and fields of what it may do, and nothing else.

import { ask, type TestService } from '../../support/open-test-service.ts';
import type { Cells } from './cells.ts';
import { oracle } from './oracle.ts';
import { KINDS, namesOf, type Operation, type Who } from './world.ts';

type Fields = readonly { readonly name: string }[];

const INTROSPECTION = `{ __schema { types { name fields { name } inputFields { name } } } }`;

/** The root fields of a kind's rows with the operations that each needs. */
function rootFields(
  kind: string,
): readonly (readonly [name: string, root: 'Query' | 'Mutation', needs: Operation[]])[] {
  const { type, one, many, Many } = namesOf(kind);
  return [
    [one, 'Query', ['READ']],
    [many, 'Query', ['READ']],
    [`${many}Connection`, 'Query', ['READ']],
    [`${many}Aggregate`, 'Query', ['READ']],
    [`insert${type}`, 'Mutation', ['INSERT']],
    [`insert${Many}`, 'Mutation', ['INSERT']],
    [`update${type}`, 'Mutation', ['UPDATE']],
    [`update${Many}`, 'Mutation', ['UPDATE', 'READ']],
    [`upsert${type}`, 'Mutation', ['UPDATE', 'INSERT']],
    [`delete${type}`, 'Mutation', ['DELETE']],
    [`delete${Many}`, 'Mutation', ['DELETE', 'READ']],
    [`undelete${type}`, 'Mutation', ['UNDELETE']],
  ];
}

/** The types and fields beside them. */
function others(kind: string): readonly (readonly [type: string, field: string | null, needs: Operation[]])[] {
  const { type } = namesOf(kind);
  return [
    [`${type}Where`, null, ['READ']],
    [`${type}OrderBy`, null, ['READ']],
    [`${type}Connection`, null, ['READ']],
    [`${type}Aggregate`, null, ['READ']],
    [`${type}Insert`, null, ['INSERT']],
    [`${type}Set`, null, ['UPDATE']],
    [`${type}Increment`, null, ['UPDATE']],
    [type, 'name', ['READ']],
    [type, 'hub', ['READ']],
    [`${kind}Hub`, 'rows', ['READ']],
    [`${kind}Hub`, 'rowsAggregate', ['READ']],
    [`${kind}HubWhere`, 'rows', ['READ']],
    [`${kind}HubOrderBy`, 'rows', ['READ']],
    [`${kind}Pointer`, 'row', ['READ']],
    [`${kind}PointerWhere`, 'row', ['READ']],
    [`${kind}PointerOrderBy`, 'row', ['READ']],
    [`${kind}PointerWhere`, 'many', ['READ']],
  ];
}

export async function checkIntrospection(app: TestService, cells: Cells, callers: readonly Who[]): Promise<void> {
  for (const who of callers) {
    const { data } = await ask(app.url, INTROSPECTION, { headers: who.headers });
    const schema = data?.['__schema'] as
      | { types: { name: string; fields?: Fields; inputFields?: Fields }[] }
      | undefined;
    const types = new Map(
      schema?.types.map(({ name, fields, inputFields }) => [
        name,
        (fields ?? inputFields ?? []).map((one) => one.name),
      ]),
    );
    for (const kind of Object.keys(KINDS)) {
      const { offered } = oracle(who, kind);
      const has = (needs: readonly Operation[]) => !who.broken && needs.every(offered);
      const cell = (name: string) => `${who.name}, ${kind}, ${name}`;
      for (const [name, root, needs] of rootFields(kind)) {
        cells.check('introspection', cell(name), types.get(root)?.includes(name) ?? false, has(needs));
      }
      for (const [type, field, needs] of others(kind)) {
        const there = field === null ? types.has(type) : (types.get(type)?.includes(field) ?? false);
        cells.check('introspection', cell(`${type}.${field}`), there, has(needs));
      }
    }
  }
}
