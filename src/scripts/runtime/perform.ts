// What a run comes to: the function is called in the form that it is written in, with what its kind of run has.

import type { FilterResult, ReadResult, ScriptInput, ScriptRow } from '../script-input.ts';
import { classicFilter, classicRead, classicWrite } from './classic/classic-functions.ts';
import { requestContext } from './context.ts';
import { exportOf, formOf, type ScriptFunction } from './modules.ts';
import { plainRow } from './plain-row.ts';
import type { Run } from './run.ts';
import { runBatch, runWrite } from './write-run.ts';

type Input<Kind extends ScriptInput['kind']> = Extract<ScriptInput, { readonly kind: Kind }>;

/** Rejects with what the function throws, where it is not one of several. */
export async function perform(run: Run, module: string, name: string, given: unknown): Promise<unknown> {
  const input = given as ScriptInput;
  const fn = functionOf(module, name, input.kind);
  if ('table' in input) run.table = input.table;
  switch (input.kind) {
    case 'write':
      return (name.endsWith('Many') ? runBatch : runWrite)(run, fn, input);
    case 'filter':
      return runFilter(run, fn, input);
    case 'read':
      return runRead(run, fn, input);
    case 'startup':
      await fn(requestContext(run, input, null));
      return null;
  }
}

/** What is run is a function of `ctx`, also where a script is of the classic form; there one `read` is filter and read. */
function functionOf(module: string, name: string, kind: ScriptInput['kind']): ScriptFunction {
  const isClassic = formOf(module) === 'classic';
  if (!isClassic || kind === 'startup') return exportOf(module, name);
  if (kind === 'write') return classicWrite(exportOf(module, name));
  const read = exportOf(module, 'read');
  return kind === 'filter' ? classicFilter(read) : classicRead(read);
}

async function runFilter(run: Run, fn: ScriptFunction, input: Input<'filter'>): Promise<FilterResult> {
  const told = await fn(requestContext(run, input, input.table));
  if (typeof told === 'boolean') return { where: told };
  return { where: plainRow(told, 'What the script returned') };
}

async function runRead(run: Run, fn: ScriptFunction, input: Input<'read'>): Promise<ReadResult> {
  const rows = () => input.rows.map((row) => ({ ...row }));
  const told = await fn({ ...requestContext(run, input, input.table), execute: () => Promise.resolve(rows()) });
  if (told === undefined) return { rows: rows() };
  if (!Array.isArray(told)) throw new TypeError('What the script returned must be a list of rows.');
  const rowsTold = told.flatMap((row, at): ScriptRow[] => {
    const plain = plainRow(row, `Row ${at} of what the script returned`);
    return plain ? [plain] : [];
  });
  return { rows: rowsTold };
}
