// The order of an enum's values: as they are declared, wherever they are compared.

import type { ColumnType } from '../../../tables/model.ts';
import { quoteText } from '../sql-text.ts';

type EnumType = Extract<ColumnType, { kind: 'enum' }>;

/** The values as an array, in their order. */
export function enumValues({ values }: EnumType): string {
  return `ARRAY[${values.map(quoteText).join(', ')}]::text[]`;
}

/** The place of a value among them, from 1. */
export function enumPosition(type: EnumType, value: string): string {
  return `array_position(${enumValues(type)}, ${value})`;
}
