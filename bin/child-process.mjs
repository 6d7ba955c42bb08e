// Children of the programs in bin/. Each leads a process group of its own, so that it ends together with everything it
// started, and none outlives this process, however this process ends short of SIGKILL.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupMembers, signalGroup } from './process-group.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Milliseconds from asking a group to end until it is made to. */
const PATIENCE = 10_000;
/** Seconds that the followers of a child that has ended get to notice it. */
const FAREWELL = 2;

/** What ends each child that runs now, and when it is gone. */
const running = new Map();
let interrupted = false;

/**
 * Starts a child without input; `stdio` are descriptors from the fourth on. `seconds` bounds its life, `end(why)` ends
 * it early. `done` never rejects; it resolves when the child and all that it started are gone: `code` is null when a
 * signal ended it or when it could not be started, `output` is all it said on both streams, `ended` is why we ended it
 * ('' when we did not), `left` the commands of processes that it had left running `farewell` seconds after its own end.
 */
export function startChild(command, args, options = {}) {
  const { cwd, env = process.env, seconds, farewell = FAREWELL, stdio = [], onOutput } = options;
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...stdio],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let output = '';
  let ended = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      onOutput?.(text);
    });
  }
  const timers = [];
  const end = (why) => {
    if (ended) return;
    ended = why;
    signalGroup(child.pid, 'SIGTERM');
    timers.push(setTimeout(() => signalGroup(child.pid, 'SIGKILL'), PATIENCE));
  };
  const gone = new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, output: error.message, ended, left: [] });
    });
    child.once('exit', async (code) => {
      const left = await dismiss(child.pid, farewell);
      await drained(child);
      for (const timer of timers) clearTimeout(timer);
      release(child.pid);
      resolve({ code, output, ended, left });
    });
  });
  if (child.pid !== undefined) {
    adopt(child.pid, { end, gone });
    if (seconds !== undefined) timers.push(setTimeout(end, seconds * 1000, `it was not done within ${seconds} s`));
  }
  // After an interruption the caller must not go on to its next step: this process ends as soon as all are gone.
  const done = gone.then((result) => (interrupted ? new Promise(() => undefined) : result));
  return { child, end, done };
}

/** Sees to it that nothing of the group is left, and says what had to be killed. */
async function dismiss(leader, farewell) {
  const until = Date.now() + farewell * 1000;
  let members = groupMembers(leader);
  while (members.length > 0 && Date.now() < until) {
    await sleep(20);
    members = groupMembers(leader);
  }
  if (members.length > 0) signalGroup(leader, 'SIGKILL');
  return members;
}

/** All output has arrived. A descendant that left the group may hold the pipes open; it does not get to hold us. */
async function drained(child) {
  const streams = child.stdio.filter((stream) => stream && !stream.closed);
  const closed = Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('close', resolve))));
  const timer = setTimeout(() => {
    for (const stream of streams) stream.destroy();
  }, FAREWELL * 1000);
  await closed;
  clearTimeout(timer);
}

function adopt(pid, entry) {
  if (running.size === 0) {
    for (const signal of SIGNALS) process.on(signal, interrupt);
    process.on('exit', killAll);
  }
  running.set(pid, entry);
}

function release(pid) {
  running.delete(pid);
  if (running.size > 0) return;
  for (const signal of SIGNALS) process.off(signal, interrupt);
  process.off('exit', killAll);
}

/** The first signal ends the children in order and then this process; a second one does not wait. */
async function interrupt(signal) {
  const code = 128 + constants.signals[signal];
  if (interrupted) process.exit(code);
  interrupted = true;
  const entries = [...running.values()];
  for (const { end } of entries) end(`${signal} arrived`);
  await Promise.all(entries.map(({ gone }) => gone));
  process.exit(code);
}

function killAll() {
  for (const pid of running.keys()) signalGroup(pid, 'SIGKILL');
}
