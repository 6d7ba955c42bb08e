// Runs inside a test process as node:test's reporter: turns its events, which differ between Node lines, into our own
// few messages, one JSON object a line on descriptor 3. test-file.mjs, at the other end, reads them.
//
//   { type: 'started', path }                 a test or a group began; `path` is its name under those of its groups
//   { type: 'passed', path, ms }
//   { type: 'skipped', path, reason }         also a test marked `todo`, whatever it did
//   { type: 'failed', path, ms, error }       `error` is text for a person: message, difference, frames, causes
//   { type: 'closed', path }                  a group ended: it is not counted unless it fails for a reason of its own
//   { type: 'note', text }                    what went wrong after its test had ended
//   { type: 'ended' }                         everything was run; a process that never says so was cut off

import { writeSync } from 'node:fs';
import { describeError } from './describe-error.mjs';
import { signalGroup } from './process-group.mjs';

const CHANNEL = 3;

export default async function* report(events) {
  endWithRunner();
  // Tests begin ('dequeue') ahead of where the events that are in order ('start', 'pass', 'fail') have got to.
  const begun = [];
  const inOrder = [];
  for await (const { type, data } of events) {
    if (type === 'test:dequeue') {
      begun.splice(data.nesting, begun.length, data.name);
      send({ type: 'started', path: begun });
    } else if (type === 'test:start') {
      inOrder.length = data.nesting;
      for (const group of inOrder) group.isGroup = true;
      inOrder.push({ name: data.name, isGroup: false });
    } else if (type === 'test:pass' || type === 'test:fail') {
      const path = [...inOrder.slice(0, data.nesting).map(({ name }) => name), data.name];
      send({ ...outcome(type === 'test:pass', data, inOrder[data.nesting]), path });
    } else if (type === 'test:diagnostic' && /^(Error|Warning): /.test(data.message)) {
      send({ type: 'note', text: data.message });
    }
  }
  send({ type: 'ended' });
  yield '';
}

function outcome(passed, { skip, todo, details }, { isGroup }) {
  const mark = skip ?? todo ?? false;
  if (mark !== false) return { type: 'skipped', reason: mark === true ? '' : String(mark) };
  const ms = details.duration_ms;
  if (passed) return isGroup || details.type === 'suite' ? { type: 'closed' } : { type: 'passed', ms };
  if (details.error.failureType === 'subtestsFailed') return { type: 'closed' };
  return { type: 'failed', ms, error: describeError(details.error) };
}

function send(message) {
  writeSync(CHANNEL, `${JSON.stringify(message)}\n`);
}

/** When the run was killed and could end nothing, this process ends its group, which it leads, by itself. */
function endWithRunner() {
  const runner = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== runner) signalGroup(process.pid, 'SIGKILL');
  }, 500);
  watch.unref();
}
