// The server's log file. Each start writes to a file of its own, which becomes `server.log` once the server serves, so
// that a start that fails beside a running server neither mixes with its log nor moves it. Also keeps it bounded, and
// finds the reason of a failure in it.

import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerUser } from './server-user.ts';

const NAME = 'server.log';
const LIMIT = 16 * 1024 * 1024;

/** The log of one start. */
export interface StartLog {
  readonly path: string;
  /** For the child's output; opened for appending, so that truncating from outside works. Closed by whoever started. */
  readonly file: FileHandle;
  /** The server serves: this is its log now, the one before stays as `server.log.1`. */
  keep(): Promise<void>;
  /** The start failed: removes the file. */
  drop(): Promise<void>;
}

export async function openStartLog(folder: string, user: ServerUser | undefined): Promise<StartLog> {
  const path = join(folder, `${NAME}.start-${randomBytes(4).toString('hex')}`);
  const file = await open(path, 'a', 0o600);
  if (user) await file.chown(user.uid, user.gid);
  return {
    path,
    file,
    async keep() {
      const current = join(folder, NAME);
      // A system that cannot rename an open file leaves it under its first name; the log is complete either way.
      await rename(current, `${current}.1`).catch(() => undefined);
      await rename(path, current).catch(() => undefined);
      const left = (await readdir(folder)).filter((name) => name.startsWith(`${NAME}.start-`));
      await Promise.all(
        left
          .filter((name) => join(folder, name) !== path)
          .map((name) => rm(join(folder, name), { force: true }).catch(() => undefined)),
      );
    },
    async drop() {
      await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

/** Empties the log of the server that serves from `folder` when it has grown beyond 16 MB. */
export async function boundLog(folder: string, limit: number = LIMIT): Promise<void> {
  const path = join(folder, NAME);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > limit) await truncate(path);
}

/** Why a program of PostgreSQL's failed, from its output: its last complaints, in its own words; empty if it made none. */
export async function reasonInFile(path: string): Promise<string> {
  return reasonIn(await readFile(path, 'utf8').catch(() => ''));
}

/** The same, from text. */
export function reasonIn(output: string): string {
  const lines = output
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(parseLine);
  // LOG lines are mostly progress, but the server reports a bad setting or a taken address as one.
  const complaints = lines.filter(
    ({ level, text }) =>
      level && (level !== 'LOG' || /could not|cannot|unrecognized|invalid|parameter|syntax/.test(text)),
  );
  const telling = complaints.length > 0 ? complaints.slice(-5) : lines.slice(-3);
  return telling.map(({ level, text }) => (level ? `${level}: ${text}` : text)).join('; ');
}

function parseLine(line: string): { level: string; text: string } {
  const found = /\b(PANIC|FATAL|ERROR|WARNING|HINT|DETAIL|LOG|error|hint|detail): +(.*)$/.exec(line);
  return { level: found?.[1]?.toUpperCase() ?? '', text: found?.[2] ?? line };
}
