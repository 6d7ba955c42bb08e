// How much a document may ask for, with its fragments opened. Tokens alone do not bound it: thirty small fragments that
// name each other twice ask for a billion fields, and a chain of relations nests one subquery into the next.

import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** What one operation may ask for. */
export const DOCUMENT_LIMITS = {
  /** Fields inside fields, the innermost counted. */
  depth: 10,
  /** Fields under another name at the root, or with fields of their own: each may be a statement or a subquery. */
  aliases: 100,
  /** Fields and fragments. */
  selections: 10_000,
} as const;

type Size = Record<keyof typeof DOCUMENT_LIMITS, number>;

const WORDS: Record<keyof Size, string> = {
  depth: 'levels of fields',
  aliases: 'fields under another name',
  selections: 'fields',
};

/** The rule: an operation over a limit is not valid. Introspection is left to graphql-js's own limit. */
export function DocumentSize(context: ValidationContext): ASTVisitor {
  const known = new Map<FragmentDefinitionNode, Size>();

  const sizeOfFragment = (fragment: FragmentDefinitionNode, root: boolean): Size => {
    const size = known.get(fragment);
    if (size) return size;
    // A fragment that opens itself is refused by another rule; here it only has to end.
    known.set(fragment, { depth: 0, aliases: 0, selections: 0 });
    const measured = sizeOf(fragment.selectionSet, root);
    known.set(fragment, measured);
    return measured;
  };

  const sizeOf = (selectionSet: SelectionSetNode, root: boolean): Size => {
    const total: Size = { depth: 0, aliases: 0, selections: 0 };
    for (const node of selectionSet.selections) {
      let inner: Size = { depth: 0, aliases: 0, selections: 0 };
      if (node.kind === Kind.FIELD) {
        if (node.selectionSet && !node.name.value.startsWith('__')) inner = sizeOf(node.selectionSet, false);
        inner.depth += 1;
        if (node.alias && (root || node.selectionSet)) inner.aliases += 1;
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        inner = sizeOf(node.selectionSet, root);
      } else {
        const fragment = context.getFragment(node.name.value);
        if (fragment) inner = sizeOfFragment(fragment, root);
      }
      total.depth = Math.max(total.depth, inner.depth);
      total.aliases += inner.aliases;
      total.selections += inner.selections + 1;
    }
    return total;
  };

  return {
    OperationDefinition(node) {
      const size = sizeOf(node.selectionSet, true);
      for (const kind of Object.keys(WORDS) as (keyof Size)[]) {
        const limit = DOCUMENT_LIMITS[kind];
        if (size[kind] <= limit) continue;
        const message = `The operation asks for more than ${limit} ${WORDS[kind]}. Ask for less at once.`;
        context.reportError(new GraphQLError(message, { nodes: node }));
      }
      return false;
    },
  };
}
