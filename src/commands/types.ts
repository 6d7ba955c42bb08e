// `tablecast types`: the types of an app's scripts, for its author's editor, and a check of the scripts by them. In development
// the start does it whenever tables or scripts change.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callerClass } from '../access/caller-class.ts';
import { loadEnvironment } from '../config/load-environment.ts';
import { parseConfig } from '../config/parse-config.ts';
import { buildClassSchema } from '../graphql/build-schema.ts';
import { scriptTypes } from '../graphql/scripts/script-types.ts';
import { messageOf, type ScriptPlace } from '../platform/errors.ts';
import { findDeno } from '../scripts/host/find-deno.ts';
import { loadScripts } from '../scripts/load/load-scripts.ts';
import type { ScriptSource } from '../scripts/script-set.ts';
import { checkScripts } from '../scripts/types/check-scripts.ts';
import type { Model } from '../tables/model.ts';
import { readTables } from './read-tables.ts';
import { placeText } from './tell-scripts.ts';

const DECLARATIONS = 'scripts/tablecast.d.ts';
/** For editors. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noImplicitAny: false,
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext', 'dom'],
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
  },
  include: ['**/*.ts'],
};

/** Writes the types of an app, and checks its scripts. The answer says what came of it; a problem of types is a problem of it. */
export async function writeTypes(appDir: string): Promise<{ readonly text: string; readonly isFine: boolean }> {
  const config = parseConfig(loadEnvironment(appDir, process.env), { dir: appDir });
  const model = await readTables(appDir);
  if (!existsSync(join(appDir, 'scripts'))) {
    return { text: 'There is no folder "scripts" in this app: make it, and run this again.', isFine: false };
  }
  await writeDeclarations(appDir, model);
  const source = await loadScripts(appDir, [...model.tables.keys()]);
  const { deno } = config.scripts;
  const problems = await checkTypes(appDir, source, { deno, dataDir: config.dataDir });
  const lines = [...source.problems, ...problems].map(placeText);
  return { text: [`Wrote ${DECLARATIONS}.`, ...lines].join('\n'), isFine: lines.length === 0 };
}

/** Writes what is not there, or is other than it was. */
export async function writeDeclarations(appDir: string, model: Model): Promise<void> {
  const schema = buildClassSchema(model, callerClass({ admin: true, application: false, user: false, roles: [] }));
  const file = join(appDir, DECLARATIONS);
  const text = scriptTypes(schema, model);
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== text) await writeFile(file, text);
  const tsconfig = join(appDir, 'scripts', 'tsconfig.json');
  if (!existsSync(tsconfig)) await writeFile(tsconfig, `${JSON.stringify(TSCONFIG, null, 2)}\n`);
}

/** Checks the scripts that can be run by the declarations that are there. */
export function checkTypes(
  appDir: string,
  { modules }: ScriptSource,
  { deno, dataDir }: { readonly deno: string | null; readonly dataDir: string },
): Promise<readonly ScriptPlace[]> {
  const files = modules.flatMap(({ file }) => (/\.m?ts$/.test(file) ? [file] : []));
  const folder = join(dataDir, 'scripts', 'types');
  return checkScripts({
    deno: findDeno({ setting: deno ?? undefined }),
    appDir,
    files,
    declarations: DECLARATIONS,
    folder,
  });
}

export interface KeepTypesOptions {
  readonly appDir: string;
  readonly dataDir: string;
  readonly deno: string | null;
  /** Tells the developer. */
  readonly tell: (text: string) => void;
}

/** Keeps the types of an app at its tables, and checks its scripts, beside everything else and one time after the other. */
export function keepTypes({ appDir, dataDir, deno, tell }: KeepTypesOptions): {
  /** What is served now. */
  update(model: Model, source: ScriptSource): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
} {
  let wanted: { readonly model: Model; readonly source: ScriptSource } | null = null;
  let working: Promise<void> | null = null;
  let told = '';
  const work = async () => {
    while (wanted) {
      const { model, source } = wanted;
      wanted = null;
      if (!existsSync(join(appDir, 'scripts'))) continue;
      const text = await writeDeclarations(appDir, model)
        .then(() => checkTypes(appDir, source, { deno, dataDir }))
        .then(
          (problems) => problems.map(placeText).join('\n  '),
          (error) => messageOf(error),
        );
      if (text !== told)
        tell(text === '' ? 'Types of the scripts: nothing is wrong any more.' : `Types of the scripts:\n  ${text}`);
      told = text;
    }
  };
  return {
    update(model, source) {
      wanted = { model, source };
      working ??= work().finally(() => {
        working = null;
      });
    },
    async close() {
      wanted = null;
      await working;
    },
  };
}
