// A run of the tests: what is missing is installed, then types, lint and every test file, each counted, each bounded.
// The last line is always the count, alone; the exit code is 1 when anything failed or nothing was tested.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child-process.mjs';
import { installMissing } from './installation.mjs';
import { Refusal } from './refusal.mjs';
import { buildTests } from './test-build.mjs';
import { runTestFile } from './test-file.mjs';
import { openTestPlace } from './test-place.mjs';
import { TestReport } from './test-report.mjs';
import { openTestSetup } from './test-setup.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const USAGE = `npm test                      types, lint and every test
npm test -- unit/config ...   only the test files whose path contains one of the words
UPDATE=1 npm test             also rewrites the expected files; not where CI is set
    --patience=120            seconds without news after which a test file is ended
    --concurrency=2           test files at a time`;

/** The folders under test/ whose tests are no part of the run: one has a package of its own, one is input of tests. */
const LEFT_OUT = /^test\/(heavy|fixtures)\//;
/** Seconds for one pass of the type checker or the linter. */
const CHECK_BOUND = 300;
const CHECKS = [
  { headline: 'Types', tool: 'typescript', bin: 'tsc', args: ['--noEmit', '--pretty', 'false'] },
  { headline: 'Lint', tool: '@biomejs/biome', bin: 'biome', args: ['check', '--error-on-warnings', '--colors=off'] },
];

/** The whole of `npm test`, with the arguments behind `--`. Never rejects; sets the exit code. */
export async function runTests(args) {
  const report = new TestReport();
  try {
    await run(readArguments(args), report);
  } catch (error) {
    report.broken(error instanceof Refusal ? error.message : error.stack);
  }
  process.exitCode = report.conclude() ? 0 : 1;
}

async function run({ words, patience, concurrency }, report) {
  const isCi = !['', '0', 'false'].includes(process.env.CI ?? '');
  if (process.env.UPDATE && isCi) {
    throw new Refusal('UPDATE rewrites what the tests expect, so it is refused where CI is set.');
  }
  await installMissing(ROOT, { dev: true });

  const files = testFiles().filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  if (files.length === 0) throw new Refusal(`No test file has a path with ${words.join(' or ') || '.test.ts'} in it.`);
  if (words.length === 0) for (const check of CHECKS) await runCheck(check, report);

  report.headline(`Tests (${files.length} files)`);
  const place = openTestPlace();
  try {
    const built = await buildTests(ROOT, files);
    try {
      await runTestFiles(files, { programOf: built.programOf, env: place.env, patience, concurrency }, report);
    } finally {
      built.remove();
    }
  } finally {
    place.remove();
  }
}

/** Runs the programs of `files`, with what they share opened around them. */
async function runTestFiles(files, { programOf, env, patience, concurrency }, report) {
  const setup = await openTestSetup(ROOT, env);
  try {
    const options = { env: { ...env, ...setup.env }, patience };
    const runFile = (file) => runTestFile(ROOT, file, { ...options, program: programOf(file) });
    await inTurns(files, concurrency, async (file) => report.file(await runFile(file)));
  } finally {
    await setup.close();
  }
}

async function runCheck({ headline, tool, bin, args }, report) {
  report.headline(headline);
  const folder = join(ROOT, 'node_modules', tool);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const started = Date.now();
  const script = join(folder, manifest.bin[bin]);
  const { code, output, ended } = await startChild(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    seconds: CHECK_BOUND,
  }).done;
  const name = [bin, ...args].join(' ');
  report.check({ name, ms: Date.now() - started, error: code === 0 ? '' : [output.trim(), ended].join('\n').trim() });
}

function readArguments(args) {
  const numbers = { patience: 120, concurrency: 2 };
  const words = [];
  for (const arg of args) {
    const [, name, value] = /^--(patience|concurrency)=([1-9]\d*)$/.exec(arg) ?? [];
    if (name) numbers[name] = Number(value);
    else if (arg.startsWith('-')) throw new Refusal(`There is no argument ${arg} here.\n\n${USAGE}`);
    else words.push(arg);
  }
  return { words, ...numbers };
}

function testFiles() {
  return readdirSync(join(ROOT, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !LEFT_OUT.test(file))
    .sort();
}

async function inTurns(items, width, work) {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
