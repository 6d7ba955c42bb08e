// A folder that is there for one run. Its name is the run's process id, by which the next run finds those that were
// left by a run that was killed.

import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Makes the folder in `parent`, with `mode` where given. `remove` takes it away with all that is in it. */
export function openRunFolder(parent, mode) {
  removeAbandoned(parent);
  const path = join(parent, String(process.pid));
  mkdirSync(path, { recursive: true });
  if (mode !== undefined) chmodSync(path, mode);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function removeAbandoned(parent) {
  let names = [];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) if (!isRunning(Number(name))) rmSync(join(parent, name), { recursive: true, force: true });
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
