// An error of a test as text that shows where and why at once: the message with its difference, the frames that are
// ours, and every cause below it.

import { inspect } from 'node:util';

/** `error` as node:test reports it: its own wrapper around whatever was thrown. */
export function describeError(error) {
  if (error.code !== 'ERR_TEST_FAILURE') return describe(error);
  // Its own verdicts (a timeout, a cancelled test) have a text for a cause, and `throw undefined` has none.
  if (!(error.cause instanceof Error)) return describeAny(error.cause ?? error.message);
  return error.failureType === 'hookFailed' ? `${error.message}: ${describe(error.cause)}` : describe(error.cause);
}

function describe(error) {
  const parts = [withoutForeignFrames(error)];
  const { cause, generatedMessage, actual, expected, ...own } = error;
  const isAssertion = error.code === 'ERR_ASSERTION';
  // An assertion with a message of its own does not print the two values; one without prints their difference.
  if (isAssertion && !generatedMessage && actual !== expected)
    parts.push(`actual:   ${show(actual)}\nexpected: ${show(expected)}`);
  if (!isAssertion && Object.keys(own).length > 0) parts.push(show(own));
  if (error instanceof AggregateError) parts.push(...error.errors.map((inner) => `among them: ${describeAny(inner)}`));
  if (error.cause !== undefined) parts.push(`caused by: ${describeAny(error.cause)}`);
  return parts.join('\n');
}

function describeAny(thrown) {
  if (thrown instanceof Error) return describe(thrown);
  return typeof thrown === 'string' ? thrown : show(thrown);
}

function withoutForeignFrames(error) {
  const isForeign = (line) => /^\s+at(.*[\s(])(node:|\S*\/node_modules\/tsx\/)/.test(line);
  return String(error.stack ?? error)
    .split('\n')
    .filter((line) => !isForeign(line))
    .join('\n');
}

function show(value) {
  return inspect(value, { depth: 10, colors: false, breakLength: 120, maxArrayLength: 200 });
}
