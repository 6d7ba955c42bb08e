// One test file in a process of its own, and what came of it. The process ends with everything it started: a file that
// hangs is ended, one that leaves processes behind has failed, and so has one that stops before its tests were done.

import { startChild } from './child-process.mjs';

const REPORTER = new URL('./test-reporter.mjs', import.meta.url).href;
const CHANNEL = 3;

/**
 * Runs `program`, which is what `file` was compiled to, both paths relative to `root`; `patience` is for how many seconds nothing may come from it. Never rejects.
 * `passed` and `failed` are tests by `name` and `ms`, failed ones with their `error` as text; `skipped` have a `reason`.
 * What the file did wrong outside of any test is a failure that carries the file's name. `output` is all it printed.
 */
export async function runTestFile(root, file, { env, patience, program }) {
  const started = Date.now();
  const args = ['--enable-source-maps', `--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout', program];
  const run = startChild(process.execPath, args, { cwd: root, env: testEnvironment(env), stdio: ['pipe'] });

  const tests = { passed: [], failed: [], skipped: [] };
  const seen = { notes: [], open: new Set(), isComplete: false };
  let timer;
  const waitAgain = () => {
    clearTimeout(timer);
    timer = setTimeout(() => run.end(whyStuck(seen.open, patience)), patience * 1000);
  };
  waitAgain();
  readLines(run.child.stdio[CHANNEL], (line) => {
    waitAgain();
    record(JSON.parse(line), tests, seen);
  });
  const exit = await run.done;
  clearTimeout(timer);

  const ms = Date.now() - started;
  const problems = problemsOf(exit, tests, seen).map((error) => ({ name: file, ms, error }));
  return { file, ms, ...tests, failed: [...tests.failed, ...problems], output: exit.output };
}

/** Takes in one message of test-reporter.mjs. */
function record({ type, path, text, ...rest }, tests, seen) {
  const name = path?.join(' > ');
  if (type === 'started') seen.open.add(name);
  else if (type === 'note') seen.notes.push(text);
  else if (type === 'ended') seen.isComplete = true;
  else {
    seen.open.delete(name);
    tests[type]?.push({ name, ...rest });
  }
}

/** What was wrong with the file as a whole, in words. */
function problemsOf({ code, ended, left }, { passed, failed, skipped }, { notes, open, isComplete }) {
  const leftovers = left.map((command) => `It left a process running: ${command}`);
  if (ended) return [ended, ...notes, ...leftovers];
  if (!isComplete) return [whyCutOff(code, open), ...notes, ...leftovers];
  if (passed.length + failed.length + skipped.length === 0) return ['It has no tests.', ...leftovers];
  const isExplained = code === 0 || failed.length + notes.length > 0;
  return [...(isExplained ? [] : [`It ended with code ${code}, though no test failed.`]), ...notes, ...leftovers];
}

function whyStuck(open, patience) {
  return open.size > 0
    ? `It was ended: nothing came from it for ${patience} s, during: ${[...open].join(', ')}`
    : `It was ended: nothing came from it for ${patience} s. Something it opened may keep it alive (a server, a timer).`;
}

function whyCutOff(code, open) {
  if (code === 0 && open.size === 0) return 'It has no tests, or its process was ended before they were done.';
  const how = code === null ? 'was killed' : `ended with code ${code}`;
  return `It ${how} before its tests were done${open.size > 0 ? `, during: ${[...open].join(', ')}` : ''}.`;
}

/** Ours, without what would make the child believe that it is itself part of an outer `node --test`. */
function testEnvironment(env) {
  const { NODE_TEST_CONTEXT: _, ...rest } = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env };
  return rest;
}

function readLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
}
