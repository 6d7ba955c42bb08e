// The keys to use. What the environment does not give is, outside production, made once and kept in the data folder,
// so that the keys that a developer pasted somewhere still work after a restart.

import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../platform/errors.ts';
import { equalSecrets } from './check-settings.ts';
import { ConfigError } from './config-error.ts';
import type { Config } from './parse-config.ts';
import { clientKey, DEVELOPMENT_PREFIX, tokenSecret } from './secret-kinds.ts';

/** The secrets of the running service. */
export interface Keys {
  readonly application: string;
  readonly master: string;
  /** null, in production only: the service has no tokens of its own. */
  readonly tokenSecret: string | null;
  /** The file that some of them came from; those may be printed, as they are for development. */
  readonly madeIn: string | null;
}

const FIELDS = {
  application: { name: 'TABLECAST_APPLICATION_KEY', label: 'application', kind: clientKey },
  master: { name: 'TABLECAST_MASTER_KEY', label: 'master', kind: clientKey },
  tokenSecret: { name: 'TABLECAST_TOKEN_SECRET', label: 'token', kind: tokenSecret },
} as const;

type Field = keyof typeof FIELDS;
type KeySet = Readonly<Record<Field, string>>;
const FIELD_NAMES = Object.keys(FIELDS) as readonly Field[];

/**
 * Completes the keys of the environment with those of `<dataDir>/keys.json`, which is made when it is missing; services
 * that start at once agree on one file. In production nothing is read or made. Throws a ConfigError that names the file.
 */
export async function resolveKeys(config: Pick<Config, 'mode' | 'dataDir' | 'givenKeys'>): Promise<Keys> {
  const { application, master, tokenSecret: secret } = config.givenKeys;
  if (application !== null && master !== null && (secret !== null || config.mode === 'production')) {
    return Object.freeze({ application, master, tokenSecret: secret, madeIn: null });
  }
  if (config.mode === 'production') throw new Error('parseConfig lets no production configuration without keys pass');
  const madeIn = join(config.dataDir, 'keys.json');
  const made = await readOrMake(config.dataDir, madeIn);
  const keys = {
    application: application ?? made.application,
    master: master ?? made.master,
    tokenSecret: secret ?? made.tokenSecret,
  };
  assertDifferent(keys);
  return Object.freeze({ ...keys, madeIn });
}

/** A kept key can come back through the environment, as another one than it was made for. */
function assertDifferent(keys: KeySet): void {
  const values = Object.fromEntries(FIELD_NAMES.map((field) => [FIELDS[field].name, keys[field]]));
  const problems = equalSecrets(values);
  if (problems.length > 0) throw new ConfigError(problems);
}

async function readOrMake(dataDir: string, file: string): Promise<KeySet> {
  return (await readKeys(file)) ?? (await makeKeys(dataDir, file)) ?? unreadable(file, 'it was removed meanwhile');
}

async function readKeys(file: string): Promise<KeySet | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    // Something else in the folder's place is told by making it, which fails with the better reason.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    return unreadable(file, messageOf(error));
  }
  return parseKeys(text, file);
}

function parseKeys(text: string, file: string): KeySet {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, and the text is keys.
    return unreadable(file, 'it is not JSON');
  }
  const entries = FIELD_NAMES.map((field) => {
    const value = (content as Partial<Record<Field, unknown>> | null)?.[field];
    return typeof value === 'string' && isRight(field, value)
      ? [field, value]
      : unreadable(file, `"${field}" is no key`);
  });
  return Object.fromEntries(entries) as KeySet;
}

function isRight(field: Field, value: string): boolean {
  try {
    return FIELDS[field].kind.parse(value, { dir: '' }) === value;
  } catch {
    // The kind's message is written for a variable; here one answer is enough.
    return false;
  }
}

/** Writes the file whole under another name, then gives it its name only if nobody else was first: link refuses. */
async function makeKeys(dataDir: string, file: string): Promise<KeySet | undefined> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const keys = Object.fromEntries(FIELD_NAMES.map((field) => [field, newKey(FIELDS[field].label)]));
  try {
    await mkdir(dataDir, { recursive: true });
    try {
      await writeFile(draft, `${JSON.stringify(keys, null, 2)}\n`, { flag: 'wx', mode: 0o600, flush: true });
      await link(draft, file).catch(acceptExisting);
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    throw new ConfigError([
      {
        variable: file,
        wrong: `is to hold the development keys and cannot be made: ${messageOf(error)}`,
        fix: `Let this user write to the folder, set TABLECAST_DATA_DIR to another one, or set ${FIELD_NAMES.map((field) => FIELDS[field].name).join(', ')}.`,
      },
    ]);
  }
  return readKeys(file);
}

function acceptExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function newKey(label: string): string {
  return `${DEVELOPMENT_PREFIX}${label}-${randomBytes(32).toString('base64url')}`;
}

function unreadable(file: string, reason: string): never {
  throw new ConfigError([
    {
      variable: file,
      wrong: `holds the development keys and cannot be used: ${reason}`,
      fix: 'Remove the file; new keys are made at the next start.',
    },
  ]);
}
