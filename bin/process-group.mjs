// A process together with everything it started: what of it still lives, and a signal to all of it. Windows has no such
// groups; there the tree is ended by the system's own command, and what a dead parent left behind is not found.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The commands of the living members of the group that process `leader` was started to lead. */
export function groupMembers(leader) {
  if (process.platform === 'linux') return linuxMembers(leader);
  try {
    process.kill(-leader, 0);
    return ['a process that it started'];
  } catch {
    return []; // No such group; Windows knows none at all.
  }
}

/** Sends `signal` to every member. A group that is gone is no error. */
export function signalGroup(leader, signal) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(leader), '/T', '/F'], { windowsHide: true });
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error; // EPERM: macOS, when only zombies are left.
  }
}

/** Zombies count as gone: in a container whose first process reaps nobody they would stay for ever. */
function linuxMembers(leader) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // After the last ')', which closes the command's name: state, parent, group.
        const [state, , group] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
        if (Number(group) !== leader || state === 'Z' || state === 'X') return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || `process ${pid}`];
      } catch {
        return []; // It ended while we looked.
      }
    });
}
