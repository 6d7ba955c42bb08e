// Where Deno's program is: in an optional dependency of ours for each platform, or where the setting says.

import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

export interface FindDenoOptions {
  /** The setting TABLECAST_DENO: a path, taken as it is. */
  readonly setting?: string | undefined;
  /** As Node names them; this machine's when left out. */
  readonly platform?: string;
  readonly arch?: string;
  /** The module whose dependencies are looked through: `import.meta.url`. */
  readonly from?: string;
}

/** The platforms that Deno is built for, and its packages for them. */
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@deno/darwin-arm64',
  'darwin-x64': '@deno/darwin-x64',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'linux-x64': '@deno/linux-x64-glibc',
  'win32-arm64': '@deno/win32-arm64',
  'win32-x64': '@deno/win32-x64',
};

/** The path of a program that can be run. Throws an Error that says what to do. */
export function findDeno(options: FindDenoOptions = {}): string {
  const { setting, platform: system = platform(), arch: machine = arch(), from = import.meta.url } = options;
  const path = setting || inPackage(system, machine, from);
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const mend = missing ? 'Install the dependencies anew.' : `Make it executable: chmod +x ${path}`;
    const problem = missing ? 'is missing' : 'may not be run';
    throw new Error(
      setting
        ? `TABLECAST_DENO names ${path}, which ${problem}. Set it to the path of a Deno program, or leave it out.`
        : `Deno's program ${path}, which runs the app's scripts, ${problem}. ${mend}`,
      { cause: error },
    );
  }
}

function inPackage(system: string, machine: string, from: string): string {
  const name = PACKAGES[`${system}-${machine}`];
  if (name === undefined) {
    throw new Error(
      `There is no Deno for ${system}-${machine} to run the app's scripts with. ` +
        'Set TABLECAST_DENO to the path of a Deno program that runs here.',
    );
  }
  try {
    const folder = dirname(createRequire(from).resolve(`${name}/package.json`));
    return join(folder, system === 'win32' ? 'deno.exe' : 'deno');
  } catch (error) {
    throw new Error(
      `The package ${name}, which runs the app's scripts, is not installed. Install with optional dependencies ` +
        '(no --omit=optional), or set TABLECAST_DENO to the path of a Deno program.',
      { cause: error },
    );
  }
}
