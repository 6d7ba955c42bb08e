// Answers of rows of which a script tells something else than what is stored. Only their own columns: what lies beside them is
// as it is.

import { ServiceError } from '../../platform/errors.ts';
import { toColumnValue, ValueProblem } from '../../tables/column-value.ts';
import type { Column, TableModel } from '../../tables/model.ts';
import type { RowSelection } from '../plan.ts';
import type { PlainRow } from '../row-scripts.ts';
import type { RowTexts } from './answer.ts';
import { same } from './script-item.ts';

/** The texts of a row with what its script tells of it. What it left as it was `stored` stays. */
export function toldTexts(
  texts: RowTexts,
  selections: readonly RowSelection[],
  told: PlainRow,
  stored: PlainRow | undefined,
): RowTexts {
  return texts.map((text, at) => {
    const selection = selections[at];
    if (text === null || !selection) return text;
    const { table } = selection;
    const changed = selection.fields.flatMap((field) => {
      if (field.kind !== 'column' || !Object.hasOwn(told, field.column.name)) return [];
      const { name } = field.column;
      return stored && same(told[name], stored[name]) ? [] : [[field.key, toldValue(table, field.column, told[name])]];
    });
    if (changed.length === 0) return text;
    return JSON.stringify({ ...(JSON.parse(text) as object), ...Object.fromEntries(changed) });
  });
}

/** The texts of a row that is in no table: its script answered without the store. */
export function textsWithoutStore(selections: readonly RowSelection[], told: PlainRow | null): RowTexts {
  if (told === null) return selections.map(() => null);
  return selections.map(({ table, fields }) => {
    const members = fields.map((field): [string, unknown] => {
      if (field.kind === 'column') return [field.key, toldValue(table, field.column, told[field.column.name])];
      if (field.kind === 'constant') return [field.key, field.value];
      if (field.kind === 'nodeId') return [field.key, Buffer.from(`${table.name}:${told['id']}`).toString('base64url')];
      if (field.kind === 'one') return [field.key, null];
      throw failed(table, `answered without the store, so that there is nothing to tell of ${field.key}`);
    });
    return JSON.stringify(Object.fromEntries(members));
  });
}

/** A value that a script tells of a column. Throws SCRIPT_FAILED for one that the column cannot have. */
export function toldValue(table: TableModel, { name, type, list, required }: Column, value: unknown): unknown {
  if (value === null || value === undefined) {
    if (required) throw failed(table, `told no ${name}, which every row has`);
    return null;
  }
  try {
    if (!list) return toColumnValue(type, value);
    if (!Array.isArray(value)) throw new ValueProblem('must be a list');
    return value.map((item) => toColumnValue(type, item));
  } catch (error) {
    if (error instanceof ValueProblem) throw failed(table, `told a ${name} that ${error.message}`);
    throw error;
  }
}

function failed({ name }: TableModel, what: string): ServiceError {
  return new ServiceError('SCRIPT_FAILED', `The script of ${name} ${what}.`);
}
