// From an app's scripts folder to modules that a host can run: each script with everything that it imports, as one text. What
// keeps a script from being run is told with its place.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildFailure, build, type Message, type Metafile, type Plugin } from 'esbuild';
import type { ScriptSource } from '../script-set.ts';
import { placeOf, placeOfExport } from './author-places.ts';
import { classicExports } from './classic-exports.ts';
import { grantedImports } from './granted-imports.ts';
import { stackMapper } from './map-stack.ts';
import { noSuchTable, tableOfFile, wrongExport } from './script-names.ts';

/** Characters of a module with all that it imports. */
const MAX_CODE = 4_000_000;

type Problem = ScriptSource['problems'][number];
type Module = ScriptSource['modules'][number];

/** Where a script is, and what it is for. */
interface Entry {
  readonly name: string;
  readonly kind: 'table' | 'startup';
  readonly table: string | null;
  /** From the app's folder, with forward slashes. */
  readonly file: string;
}

/** What esbuild says of imports that it cannot follow. */
const NO_LITERAL: readonly string[] = ['unsupported-dynamic-import', 'unsupported-require-call'];
const LITERAL = 'What is imported must be a text in the script: everything is put together before it is run.';

const SCRIPT = /\.(ts|mts|js|mjs)$/;

/** Reads the scripts of an app; one without a folder of them has none. `tables` are the names of the model's. */
export async function loadScripts(appDir: string, tables: readonly string[]): Promise<ScriptSource> {
  const folder = join(appDir, 'scripts');
  if (!existsSync(folder)) return sourceOf([], []);
  const { entries, problems } = await findEntries(folder, tables);
  const built = await Promise.all(entries.map((entry) => buildEntry(appDir, folder, entry)));
  const modules = built.flatMap(({ module }) => module ?? []);
  return sourceOf(modules, [...problems, ...built.flatMap((one) => one.problems)]);
}

function sourceOf(modules: readonly Module[], problems: readonly Problem[]): ScriptSource {
  const hash = createHash('sha256');
  for (const { name, table, form, exports, code } of modules)
    hash.update(JSON.stringify([name, table, form, exports, code]));
  hash.update(JSON.stringify(problems));
  return { app: hash.digest('hex').slice(0, 16), modules, problems, mapStack: stackMapper(modules) };
}

async function findEntries(folder: string, tables: readonly string[]) {
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  const found = existsSync(join(folder, 'tables')) ? (await readdir(join(folder, 'tables'))).sort() : [];
  for (const base of found) {
    if (!SCRIPT.test(base) || base.endsWith('.d.ts')) continue;
    const stem = base.replace(SCRIPT, '');
    const file = `scripts/tables/${base}`;
    const table = tableOfFile(stem, tables) ?? null;
    const other = table === null ? undefined : seen.get(table);
    if (table === null) problems.push(problem(file, noSuchTable(stem, tables), null));
    else if (other) problems.push(problem(file, `${other} is for ${table} already: put both into one file.`, table));
    else {
      seen.set(table, file);
      entries.push({ name: `tables/${stem}`, kind: 'table', table, file });
    }
  }
  for (const base of ['startup.ts', 'startup.mts', 'startup.js', 'startup.mjs']) {
    if (existsSync(join(folder, base)))
      entries.push({ name: 'startup', kind: 'startup', table: null, file: `scripts/${base}` });
  }
  return { entries, problems };
}

async function buildEntry(
  appDir: string,
  folder: string,
  entry: Entry,
): Promise<{ readonly module: Module | null; readonly problems: readonly Problem[] }> {
  const { table, file } = entry;
  const broken = (problems: readonly Problem[]) => ({ module: null, problems });
  try {
    const classic = await classicExports(await readFile(join(appDir, file), 'utf8'), file);
    const result = await build({
      absWorkingDir: appDir,
      entryPoints: [file],
      bundle: true,
      write: false,
      outdir: 'scripts',
      format: 'esm',
      platform: 'node',
      target: 'esnext',
      mainFields: ['module', 'main'],
      conditions: ['import', 'module', 'default'],
      sourcemap: 'external',
      metafile: true,
      logLevel: 'silent',
      logOverride: Object.fromEntries(NO_LITERAL.map((id) => [id, 'warning'] as const)),
      plugins: [grantedImports(appDir, folder), ...(classic.length > 0 ? [withFooter(appDir, file, classic)] : [])],
    });
    const [map, code] = result.outputFiles.toSorted((one, other) => other.path.length - one.path.length);
    const exports = exportsOf(result.metafile);
    const placed = (message: string, name?: string): Problem => {
      const place = name === undefined ? TOP : placeOfExport(code?.text ?? '', map?.text ?? '', name);
      return { file, message, table, ...place };
    };
    const wrong = (entry.kind === 'table' ? wrongExports : startupProblems)(exports, placed);
    const text = code?.text ?? '';
    // A package may do so in what is never called.
    const dynamic = result.warnings
      .filter(({ id, location }) => NO_LITERAL.includes(id) && !location?.file.includes('node_modules/'))
      .map((message) => ({ ...problemOf(message, entry), message: LITERAL }));
    const glob = text.search(/\bglobImport_\w+\(/);
    if (glob >= 0) dynamic.push({ file, message: LITERAL, table, ...placeOf(text, map?.text ?? '', glob) });
    const size =
      text.length > MAX_CODE
        ? [
            problem(
              file,
              `The script has ${text.length} characters with all that it imports; ${MAX_CODE} are allowed.`,
              table,
            ),
          ]
        : [];
    const problems = [...wrong, ...dynamic, ...size];
    if (problems.length > 0) return broken(problems);
    const form = classic.length > 0 ? 'classic' : 'modern';
    return { module: { ...entry, form, exports, code: text, sourceMap: map?.text ?? '' }, problems: [] };
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (!errors) throw error;
    return broken(errors.map((message) => problemOf(message, entry)));
  }
}

function withFooter(appDir: string, file: string, exports: readonly string[]): Plugin {
  return {
    name: 'classic-exports',
    setup(own) {
      own.onLoad({ filter: /\.(js|mjs|ts|mts)$/ }, async ({ path }) => {
        if (path !== join(appDir, file)) return null;
        const text = await readFile(path, 'utf8');
        const loader = /ts$/.test(file) ? ('ts' as const) : ('js' as const);
        return { contents: `${text}\nexport { ${exports.join(', ')} };\n`, loader };
      });
    },
  };
}

function exportsOf({ outputs }: Metafile): readonly string[] {
  return Object.entries(outputs)
    .flatMap(([path, { exports }]) => (path.endsWith('.map') ? [] : exports))
    .sort();
}

/** Makes a problem at the place of an export; without its name, at the top of the file. */
type PlacedProblem = (message: string, name?: string) => Problem;

function wrongExports(exports: readonly string[], placed: PlacedProblem): readonly Problem[] {
  if (exports.length === 0) {
    return [placed('The script exports nothing: export insert, update, delete, undelete, read or filter.')];
  }
  return exports.flatMap((name) => {
    const message = wrongExport(name);
    return message ? [placed(message, name)] : [];
  });
}

function startupProblems(exports: readonly string[], placed: PlacedProblem): readonly Problem[] {
  const others = exports.filter((name) => name !== 'default');
  if (exports.includes('default') && others.length === 0) return [];
  return [placed('startup exports one function: export default async (ctx) => { ... }', others[0])];
}

const TOP = { line: 1, column: 1 } as const;

function problem(file: string, message: string, table: string | null): Problem {
  return { file, line: null, column: null, message, table };
}

function problemOf({ text, location }: Message, { file, table }: Entry): Problem {
  if (!location) return problem(file, text, table);
  // Columns of esbuild are bytes from 0.
  return { file: location.file, line: location.line, column: location.column + 1, message: text, table };
}
