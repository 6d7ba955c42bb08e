// Where a value of a plan comes from. Plans and filters are made once for many requests, so that they hold no client's
// value: they hold places to take values from. `records/value-source.ts` takes them.

export type ValueSource =
  /** What the table files say, or the service itself: the same in every request, so that a store may write it out. */
  | { readonly from: 'model'; readonly value: unknown }
  /** What a document writes out. It is a client's value all the same: a statement's text never depends on it. */
  | { readonly from: 'constant'; readonly value: unknown }
  /** A path into the operation's coerced variables. */
  | { readonly from: 'variable'; readonly path: readonly (string | number)[] }
  | { readonly from: 'caller'; readonly path: readonly string[] }
  /** A value that a write brings along, checked already: of one row, or of many as a list. */
  | { readonly from: 'write'; readonly at: number }
  /** Who does it, in the words of the change log, and in which request. */
  | { readonly from: 'actor' }
  | { readonly from: 'requestId' }
  | { readonly from: 'list'; readonly items: readonly ValueSource[] }
  /** A JSON object written out with variables inside. */
  | { readonly from: 'object'; readonly members: readonly (readonly [name: string, value: ValueSource])[] };

/** A value of the model's own. */
export function modelValue(value: unknown): ValueSource {
  return { from: 'model', value };
}
