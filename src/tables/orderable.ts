// Which columns rows can be ordered by. Where each type puts its values is the store's
// (`stores/postgres/compile/compile-order.ts`): texts as people order them, ids by code point, enums as they are declared,
// false before true.

import type { Column } from './model.ts';

/** Types whose values have no order that means something. */
const UNORDERED: readonly string[] = ['JSON', 'Bytes', 'Version'];

/** Whether rows can be ordered by the column. `deleted` is what the argument of that name is for. */
export function isOrderable({ name, type, list, system }: Column): boolean {
  return !list && !(system && name === 'deleted') && (type.kind === 'enum' || !UNORDERED.includes(type.name));
}
