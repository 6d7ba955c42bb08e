#!/usr/bin/env node
// The `tablecast` command: refuses a Node that is too old in words that such a Node can print, and leaves everything
// else to launch.mjs, which is loaded only afterwards because it may use the whole language.

import { nodeProblem } from './node-version.mjs';

const problem = nodeProblem(process.versions.node);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  import('./launch.mjs').then(({ launch }) => launch());
}
