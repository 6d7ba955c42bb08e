// The classic form: a file that only declares `function insert(item, user, request)` and the like. Its functions are exported
// for it, and its settings.

import { transform } from 'esbuild';
import { CLASSIC_FUNCTIONS, SETTINGS } from './script-names.ts';

/** What to export of a classic script, as the members of an export clause; none for a script of another form. */
export async function classicExports(text: string, file: string): Promise<readonly string[]> {
  const loader = /ts$/.test(file) ? 'ts' : 'js';
  // Comments and layout gone, declarations of a module stand at the beginning of a line, and nothing else does.
  const { code } = await transform(text, { loader, legalComments: 'none' }).catch(() => ({ code: '' }));
  if (/^export\b|^import\b/m.test(code)) return [];
  const functions = Object.entries(CLASSIC_FUNCTIONS).flatMap(([name, exported]) =>
    new RegExp(`^(?:async )?function ${name}\\(`, 'm').test(code)
      ? [name === exported ? name : `${name} as ${exported}`]
      : [],
  );
  const hasSettings = new RegExp(`^(?:var|let|const) ${SETTINGS} = `, 'm').test(code);
  return functions.length > 0 && hasSettings ? [...functions, SETTINGS] : functions;
}
