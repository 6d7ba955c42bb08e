// `npm test`. Like tablecast.mjs it must be readable for a Node that is too old; test-run.mjs does the work.

import { nodeProblem } from './node-version.mjs';

const problem = nodeProblem(process.versions.node);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  import('./test-run.mjs').then(({ runTests }) => runTests(process.argv.slice(2)));
}
