// The cases of test/schema: a folder is one idea, with table files in it and what comes of them. `problems.txt` is what is
// wrong, as people are told; `expected.model.txt` what was understood; `expected.graphql` what is generated. UPDATE=1 writes
// them anew, and a first one into a folder that has none.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse as parseGraphql, print, visit } from 'graphql';
import { fullestClass } from '../../../src/access/caller-class.ts';
import { buildClassSchema } from '../../../src/graphql/build-schema.ts';
import { printWithPermissions } from '../../../src/graphql/print-schema.ts';
import { parseTables } from '../../../src/tables/grammar/parse-tables.ts';
import { TablesError } from '../../../src/tables/grammar/problems.ts';
import type { Model } from '../../../src/tables/model.ts';
import { vocabulary } from '../../support/model-of.ts';
import { printModel } from '../../support/print-model.ts';

const CASES = join(import.meta.dirname, '..', '..', 'schema');
const VOCABULARY = await vocabulary();

/** What can be expected of tables, by the file that says it; null where there is no such thing. */
const EXPECTED: Readonly<Record<string, (parsed: Model | TablesError) => string | null>> = {
  'problems.txt': (parsed) => (parsed instanceof TablesError ? `${parsed.message}\n` : null),
  'expected.model.txt': (parsed) => (parsed instanceof TablesError ? null : printModel(parsed)),
  'expected.graphql': (parsed) => (parsed instanceof TablesError ? null : printTypesOf(parsed)),
};

/** Of what is generated, the fields of tables, enums and operations; the rest has tests of its own. */
function printTypesOf(model: Model): string {
  const document = parseGraphql(printWithPermissions(buildClassSchema(model, fullestClass(model.roles))));
  const shown = [...model.tables.keys(), ...model.enums.keys(), 'Query', 'Mutation'];
  const definitions = document.definitions.filter((node) => 'name' in node && shown.includes(node.name?.value ?? ''));
  const bare = visit({ ...document, definitions }, { FieldDefinition: (field) => ({ ...field, arguments: [] }) });
  return `${print(bare)}\n`;
}

const writes = process.env['UPDATE'] === '1';

describe('table files', () => {
  for (const name of readdirSync(CASES).sort()) test(name.replaceAll('-', ' '), () => check(join(CASES, name)));
});

function check(folder: string): void {
  if (writes && process.env['CI'])
    throw new Error('UPDATE=1 is refused where CI is set: a person reads what it writes');
  const files = readdirSync(folder).sort();
  const tables = files.filter((file) => file.endsWith('.graphql') && !Object.hasOwn(EXPECTED, file));
  const stray = files.filter((file) => !tables.includes(file) && !Object.hasOwn(EXPECTED, file));
  assert.deepEqual(stray, [], 'a case holds table files and what is expected of them');
  const parsed = parse(tables.map((file) => ({ name: file, text: readFileSync(join(folder, file), 'utf8') })));
  if (writes) write(folder, parsed);
  const expected = Object.keys(EXPECTED).filter((file) => existsSync(join(folder, file)));
  assert.notDeepEqual(expected, [], `nothing is expected: write one of ${Object.keys(EXPECTED).join(', ')}`);
  for (const file of expected) {
    assert.equal(EXPECTED[file]?.(parsed) ?? `(${inWords(parsed)})\n`, readFileSync(join(folder, file), 'utf8'), file);
  }
}

function parse(files: readonly { name: string; text: string }[]): Model | TablesError {
  try {
    return parseTables(VOCABULARY, files);
  } catch (error) {
    if (error instanceof TablesError) return error;
    throw error;
  }
}

function write(folder: string, parsed: Model | TablesError): void {
  const first = parsed instanceof TablesError ? 'problems.txt' : 'expected.model.txt';
  for (const [file, print] of Object.entries(EXPECTED)) {
    const path = join(folder, file);
    const text = print(parsed);
    if (text === null) rmSync(path, { force: true });
    else if (existsSync(path) || file === first) writeFileSync(path, text);
  }
}

function inWords(parsed: Model | TablesError): string {
  return parsed instanceof TablesError ? `there are problems:\n${parsed.message}` : 'there is no problem';
}
