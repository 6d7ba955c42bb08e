// What a script may import: files beside it, packages that its app names, and the parts of Node that only compute. An import of
// anything else is a problem where it stands.

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

/** Modules of Node that reach nothing outside of the program. The host has them. */
export const GRANTED_MODULES: readonly string[] = [
  'assert',
  'buffer',
  'crypto',
  'events',
  'path',
  'querystring',
  'string_decoder',
  'url',
  'util',
  'punycode',
];

/** Refuses what is not granted. `folder` is that of the scripts, `appDir` that of the app. */
export function grantedImports(appDir: string, folder: string): Plugin {
  const packages = packagesOf(appDir);
  const root = `${realpathSync(folder)}${sep}`;
  return {
    name: 'granted-imports',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind === 'entry-point' || args.pluginData === 'asked') return null;
        const name = args.path.replace(/^node:/, '');
        if (GRANTED_MODULES.includes(name)) return { path: `node:${name}`, external: true };
        if (args.path.startsWith('node:')) return { errors: [{ text: refusal(args.path) }] };
        const { importer, resolveDir, kind } = args;
        const found = await build.resolve(args.path, { importer, resolveDir, kind, pluginData: 'asked' });
        if (found.errors.length > 0) {
          const inPackage = importer.includes(`${sep}node_modules${sep}`);
          return inPackage ? { path: args.path, external: true } : { errors: [{ text: refusal(args.path) }] };
        }
        if (found.external) return { errors: [{ text: refusal(args.path) }] };
        const isOwn = args.path.startsWith('.') && realpathSync(found.path).startsWith(root);
        const isPackage = importer.includes(`${sep}node_modules${sep}`) || packages.has(packageOf(args.path));
        if (isOwn || (isPackage && !args.path.startsWith('.')) || importer.includes(`${sep}node_modules${sep}`))
          return found;
        return { errors: [{ text: refusal(args.path) }] };
      });
    },
  };
}

function refusal(path: string): string {
  if (path.startsWith('.') || path.startsWith('/')) {
    return `"${path}" is not a file in the scripts folder. Scripts import what is beside them, like "../shared/text.ts".`;
  }
  return `"${path}" is not granted to scripts. They may import files of the scripts folder, packages that the app's package.json names under dependencies, and node: ${GRANTED_MODULES.join(', ')}. For the network there is ctx.fetch.`;
}

/** `@scope/name/part` belongs to `@scope/name`. */
function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}

function packagesOf(appDir: string): ReadonlySet<string> {
  const file = join(appDir, 'package.json');
  if (!existsSync(file)) return new Set();
  const { dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: Record<string, string> };
  return new Set(Object.keys(dependencies));
}
