// What the README says about settings is what the table of settings says. UPDATE=1 rewrites it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsAsMarkdown } from '../../src/config/describe-settings.ts';
import { ERROR_STATUS } from '../../src/platform/errors.ts';

const FILE = join(import.meta.dirname, '..', '..', 'README.md');

test('the table of settings is current', () => {
  const readme = readFileSync(FILE, 'utf8');
  const current = readme.replace(
    /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/,
    (_, open: string, close: string) => `${open}${settingsAsMarkdown().trim()}\n${close}`,
  );
  if (process.env['UPDATE'] === '1') writeFileSync(FILE, current);
  else assert.equal(readme, current, 'run UPDATE=1 npm test -- unit/readme');
});

test('every error code is explained', () => {
  const readme = readFileSync(FILE, 'utf8');
  assert.deepEqual(
    Object.keys(ERROR_STATUS).filter((code) => !readme.includes(`\`${code}\``)),
    [],
  );
});
