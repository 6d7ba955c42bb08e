// One at a time between processes: two starts on a fresh clone must not both run npm in it.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './refusal.mjs';

/**
 * Runs `action` while no other process runs one under the same `path`, a file that names the one whose turn it is. Calls
 * `onWait(pid)` once when there is one to wait for. The file of a process that is gone counts for nothing.
 */
export async function exclusively(path, action, { onWait, seconds }) {
  mkdirSync(dirname(path), { recursive: true });
  const until = Date.now() + seconds * 1000;
  let told = false;
  while (!take(path)) {
    const holder = holderOf(path);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      rmSync(path, { force: true });
      continue;
    }
    if (Date.now() > until) {
      throw new Refusal(
        `Process ${holder} has been at it for ${seconds} s. If it is not, delete ${path} and try again.`,
      );
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(100);
  }
  const drop = () => rmSync(path, { force: true });
  process.once('exit', drop);
  try {
    return await action();
  } finally {
    process.off('exit', drop);
    drop();
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** Undefined when the file went away meanwhile. 0 while its maker has not written into it yet. */
function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
