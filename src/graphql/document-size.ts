// How much a document asks for, with its fragments opened. Tokens alone do not bound it: thirty small fragments that name
// each other twice ask for a billion fields, and a chain of relations nests one subquery into the next.

import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { type Limits, tooComplex } from './limits.ts';

/** What the limits of the same names are about. */
export type DocumentSize = Readonly<Record<'depth' | 'aliases' | 'fields', number>>;

const NOTHING: DocumentSize = Object.freeze({ depth: 0, aliases: 0, fields: 0 });
const KINDS = ['depth', 'aliases', 'fields'] as const;

/** The rule: an operation over a limit is not valid. Introspection is left to graphql-js's own limit. */
export function documentSizeRule(limits: Limits): (context: ValidationContext) => ASTVisitor {
  return (context) => {
    const measure = new Measure((name) => context.getFragment(name) ?? undefined);
    return {
      OperationDefinition(node) {
        const size = measure.operation(node);
        for (const kind of KINDS) {
          const [value, max] = [size[kind], limits[kind]];
          if (value <= max) continue;
          const error = tooComplex(kind, { value, max, path: measure.pathOver(node, kind, max) });
          context.reportError(new GraphQLError(error.message, { nodes: node, originalError: error }));
        }
        return false;
      },
    };
  };
}

/** Measures the operations of one document. Takes no longer for what is asked through fragments than they are long. */
export class Measure {
  readonly #fragments = new Map<SelectionSetNode, DocumentSize>();

  constructor(private readonly fragment: (name: string) => FragmentDefinitionNode | undefined) {}

  operation({ selectionSet }: OperationDefinitionNode): DocumentSize {
    return this.#ofSet(selectionSet, true);
  }

  /** The first field, by response keys, with which an operation has more than `max`; for one that has. */
  pathOver({ selectionSet }: OperationDefinitionNode, kind: keyof DocumentSize, max: number): string[] {
    const path: string[] = [];
    const opened = new Set<SelectionSetNode>();
    let left = max;
    let set: SelectionSetNode | undefined = selectionSet;
    while (set && !opened.has(set)) {
      opened.add(set);
      const root: boolean = path.length === 0;
      const over: SelectionNode | undefined = set.selections.find((node) => {
        const size = this.#ofNode(node, root)[kind];
        if (size > left) return true;
        if (kind !== 'depth') left -= size;
        return false;
      });
      if (!over) break;
      if (over.kind === Kind.FIELD) path.push(over.alias?.value ?? over.name.value);
      left -= ownSize(over, root)[kind];
      if (left < 0) break;
      set = this.#insideOf(over);
    }
    return path;
  }

  #ofSet({ selections }: SelectionSetNode, root: boolean): DocumentSize {
    const total = { ...NOTHING };
    for (const node of selections) {
      const { depth, aliases, fields } = this.#ofNode(node, root);
      total.depth = Math.max(total.depth, depth);
      total.aliases += aliases;
      total.fields += fields;
    }
    return total;
  }

  #ofNode(node: SelectionNode, root: boolean): DocumentSize {
    const own = ownSize(node, root);
    const set = this.#insideOf(node);
    if (!set) return own;
    const inside =
      node.kind === Kind.FRAGMENT_SPREAD
        ? this.#ofFragment(set, root)
        : this.#ofSet(set, root && node.kind !== Kind.FIELD);
    return {
      depth: own.depth + inside.depth,
      aliases: own.aliases + inside.aliases,
      fields: own.fields + inside.fields,
    };
  }

  #ofFragment(set: SelectionSetNode, root: boolean): DocumentSize {
    const known = this.#fragments.get(set);
    if (known) return known;
    // A fragment that opens itself is refused by another rule; here it only has to end.
    this.#fragments.set(set, NOTHING);
    const size = this.#ofSet(set, root);
    this.#fragments.set(set, size);
    return size;
  }

  /** What a selection opens. */
  #insideOf(node: SelectionNode): SelectionSetNode | undefined {
    if (node.kind === Kind.FRAGMENT_SPREAD) return this.fragment(node.name.value)?.selectionSet;
    const meta = node.kind === Kind.FIELD && node.name.value.startsWith('__');
    return meta ? undefined : node.selectionSet;
  }
}

/** Of a selection without what it opens. */
function ownSize(node: SelectionNode, root: boolean): DocumentSize {
  if (node.kind !== Kind.FIELD) return { depth: 0, aliases: 0, fields: 1 };
  return { depth: 1, aliases: node.alias && (root || node.selectionSet) ? 1 : 0, fields: 1 };
}
