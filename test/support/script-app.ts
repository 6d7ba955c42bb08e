// An app's folder with scripts of a test in it.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadScripts } from '../../src/scripts/load/load-scripts.ts';
import type { ScriptSource } from '../../src/scripts/script-set.ts';
import type { Model } from '../../src/tables/model.ts';

/** Texts by the names of files: `scripts/tables/todo-item.ts`. */
export type AppFiles = Readonly<Record<string, string>>;

export interface ScriptApp {
  readonly folder: string;
  write(files: AppFiles): Promise<void>;
  load(model: Model): Promise<ScriptSource>;
  close(): Promise<void>;
}

export async function openScriptApp(files: AppFiles): Promise<ScriptApp> {
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-app-'));
  const write = async (more: AppFiles) => {
    for (const [name, text] of Object.entries(more)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  await write(files);
  return {
    folder,
    write,
    load: (model) => loadScripts(folder, [...model.tables.keys()]),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
