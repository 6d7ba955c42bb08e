// The environment of an app: the one of the process, and below it the app's .env file. The process's own environment
// is never changed, so that nothing but parseConfig can come to depend on the file.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { messageOf } from '../platform/errors.ts';
import { ConfigError } from './config-error.ts';
import type { Environment } from './read-settings.ts';

/**
 * The variables of `<appDir>/.env` and of `processEnv`, which wins, also with an empty value. No file is an empty
 * file; one that cannot be read is a ConfigError.
 */
export function loadEnvironment(appDir: string, processEnv: Environment): Environment {
  return Object.freeze({ ...parse(readIfThere(join(appDir, '.env'))), ...processEnv });
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    const wrong = `cannot be read: ${messageOf(error)}`;
    throw new ConfigError([{ variable: file, wrong, fix: 'Make it a file that this user may read, or remove it.' }]);
  }
}
