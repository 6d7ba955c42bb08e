// The statements that have a name on a connection: those used last, so that the memory of a server is bounded whatever
// clients ask.

import { LRUCache } from 'lru-cache';
import { forgetStatement, type Wire } from './wire.ts';

/** What a connection may keep: statements, and characters of all of them together (some 30 MB in the server). */
export const NAMES_LIMITS = { statements: 200, characters: 200_000 } as const;

const namesByWire = new WeakMap<Wire, LRUCache<string, number>>();

/** Notes a use of a name on a connection. Names that are pushed out by it are forgotten on both sides. */
export function keepName(wire: Wire, name: string, text: string): void {
  namesOn(wire).set(name, text.length);
}

/** Has the next use of the name on the connection begin anew. */
export function dropName(wire: Wire, name: string): void {
  namesOn(wire).delete(name);
  forgetStatement(wire, name);
}

function namesOn(wire: Wire): LRUCache<string, number> {
  const known = namesByWire.get(wire);
  if (known) return known;
  const names = new LRUCache<string, number>({
    max: NAMES_LIMITS.statements,
    maxSize: NAMES_LIMITS.characters,
    sizeCalculation: (length) => length,
    dispose: (_length, name, reason) => {
      if (reason === 'evict') forgetStatement(wire, name);
    },
  });
  namesByWire.set(wire, names);
  return names;
}
