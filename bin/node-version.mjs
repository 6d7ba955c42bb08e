// Which Node the program needs. An older Node must be able to read this file and the one that imports it, so that
// its user gets a sentence rather than a syntax error: no newer syntax here, nothing but one builtin.

import { readFileSync } from 'node:fs';

/**
 * Why `version` (like `20.19.0`) cannot run this program, as a sentence that says what to do; '' when it can. The
 * lowest version is the one that package.json names under `engines`.
 */
export function nodeProblem(version) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const least = manifest.engines.node.replace(/^>=\s*/, '');
  if (!isOlder(version, least)) return '';
  return `Tablecast needs Node ${least} or newer; this is Node ${version} (${process.execPath}).
Install the current LTS from https://nodejs.org or with your version manager, then run the same command again.`;
}

function isOlder(version, least) {
  const have = version.split('.').map(Number);
  const need = least.split('.').map(Number);
  const differing = need.findIndex((number, place) => have[place] !== number);
  return differing !== -1 && have[differing] < need[differing];
}
