// In development a table file that is saved is served within a moment: the database is made to agree, the schema is
// swapped without a restart, and what changed is told (tell-difference.ts). Files that are wrong are told about too; what is
// served stays.

import { existsSync, type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type ScriptPlace } from '../platform/errors.ts';
import { loadScripts } from '../scripts/load/load-scripts.ts';
import type { ScriptSource } from '../scripts/script-set.ts';
import type { Model } from '../tables/model.ts';
import { readTables } from './read-tables.ts';
import { tellDifference } from './tell-difference.ts';
import { filesOf, problemLines } from './tell-scripts.ts';

export interface WatchOptions {
  readonly appDir: string;
  /** What is served when watching begins. */
  readonly model: Model;
  /** The scripts that are run then. */
  readonly scripts: ScriptSource;
  /** Serves another model with its scripts; answers what was done to the database, in words. */
  readonly publish: (model: Model, scripts: ScriptSource) => Promise<readonly string[]>;
  /** What keeps scripts that were published from being run. */
  readonly scriptProblems: () => readonly ScriptPlace[];
  /** Is called when something else is served. */
  readonly onPublished: (model: Model, scripts: ScriptSource) => void;
  /** Tells the developer. */
  readonly tell: (text: string) => void;
}

/** Milliseconds of quiet after a change: editors write a file in several steps. */
const QUIET = 100;

/** Watches the schema folder until `close`, which waits for what is under way. */
export function watchTables(options: WatchOptions): { close(): Promise<void> } {
  let { model, scripts } = options;
  let timer: NodeJS.Timeout | undefined;
  let applying = Promise.resolve();
  const apply = async () => {
    try {
      const next = await readTables(options.appDir);
      const nextScripts = await loadScripts(options.appDir, [...next.tables.keys()]);
      const sameTables = next.version === model.version;
      if (sameTables && nextScripts.app === scripts.app) return;
      const steps = await options.publish(next, nextScripts);
      if (!sameTables) options.tell(tellDifference(model, next, steps));
      if (nextScripts.app !== scripts.app) {
        const problems = options.scriptProblems();
        options.tell([`Scripts: ${filesOf(nextScripts, problems)}`, ...problemLines(problems)].join('\n'));
      }
      model = next;
      scripts = nextScripts;
      options.onPublished(model, scripts);
    } catch (error) {
      options.tell(`The tables and scripts were not changed, and the last good ones are served:\n${messageOf(error)}`);
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      watchFolders();
      applying = applying.then(apply);
    }, QUIET);
  };
  // Folder by folder: a recursive watch of Node 20 follows files, and loses one that an editor replaces.
  const folders = new Map<string, FSWatcher>();
  const watchFolders = () => {
    const watched = ['schema', 'scripts'].flatMap((name) => foldersUnder(join(options.appDir, name)));
    for (const folder of watched) {
      if (folders.has(folder)) continue;
      const watcher = watch(folder, { persistent: false }, changed);
      watcher.on('error', () => folders.delete(folder));
      folders.set(folder, watcher);
    }
  };
  watchFolders();
  return {
    async close() {
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
      await applying;
    },
  };
}

function foldersUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return [folder, ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))];
}
