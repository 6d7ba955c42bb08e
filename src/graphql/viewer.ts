// `viewer`: who the caller is, as the service sees it.

import type { FieldNode } from 'graphql';
import type { Caller } from '../access/caller.ts';

/** The JSON of the fields asked of the viewer, by response key. */
export function viewerJson(asked: ReadonlyMap<string, readonly FieldNode[]>, caller: Caller): string {
  const values: Record<string, unknown> = {
    __typename: 'Viewer',
    level: caller.kind === 'admin' ? 'ADMIN' : caller.user ? 'USER' : caller.application ? 'APPLICATION' : 'PUBLIC',
    userId: caller.user?.id ?? null,
    roles: caller.user?.roles ?? [],
  };
  const members = [...asked].map(
    ([key, nodes]) => `${JSON.stringify(key)}:${JSON.stringify(values[nodes[0]?.name.value ?? ''])}`,
  );
  return `{${members.join(',')}}`;
}
