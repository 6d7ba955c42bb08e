// The database files: made once, complete or not at all, and checked before every start. A new cluster is built in a
// folder beside the final one and renamed, so an end at any moment leaves either nothing or all of it.

import { randomBytes } from 'node:crypto';
import { appendFile, chown, lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { runProgram } from './run-program.ts';
import { reasonIn } from './server-log.ts';
import { SETTINGS_FILE, writeServerFile } from './server-settings.ts';
import type { Site } from './site.ts';

/** The service's role: owns its database, may make others, and is no superuser. Nobody else can sign in. */
export const ROLE = 'tablecast';
export const DATABASE = 'tablecast';
const PASSWORD_FILE = 'tablecast.password';

const HBA = `# The superuser has no way in: what only it may do is done while the server is stopped.
local all ${ROLE} scram-sha-256
host  all ${ROLE} 127.0.0.1/32 scram-sha-256
`;

/** Sees to it that a cluster is there, that these binaries can serve it, and that its password is known. Returns it. */
export async function openCluster(site: Site): Promise<string> {
  const version = await readVersion(site);
  if (version === undefined) await createCluster(site);
  else await checkCluster(site, version);
  return (await readPassword(site)) ?? (await setPassword(site, site.data));
}

/** The password of the service's role; undefined when the file is missing. */
export async function readPassword(site: Site): Promise<string | undefined> {
  try {
    return (await readFile(join(site.data, PASSWORD_FILE), 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Refuses a server or cluster of another major version. */
export function checkMajor(site: Site, version: string): void {
  const ours = majorOf(site.binaries.version);
  const theirs = majorOf(version);
  if (ours === theirs) return;
  throw new EmbeddedPostgresError(
    `The database in ${site.data} is of PostgreSQL ${theirs}; this version of the service runs PostgreSQL ${ours}, which cannot ` +
      `read it. Start the version of the service that made it and carry the data over from there, or set TABLECAST_DATA_DIR to ` +
      `another folder to begin with an empty database, ${OR_USE_A_SERVER}.`,
  );
}

async function readVersion(site: Site): Promise<string | undefined> {
  const version = await readFile(join(site.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) return version.trim();
  const files = await readdir(site.data).catch(() => []);
  if (files.length === 0) return undefined;
  throw new EmbeddedPostgresError(
    `The folder ${site.data} holds files, but no database of PostgreSQL's (PG_VERSION is missing). ` +
      'Move them away, or restore the folder from a backup.',
  );
}

async function checkCluster(site: Site, version: string): Promise<void> {
  checkMajor(site, version);
  const { uid } = await stat(site.data);
  const needed = site.user?.uid ?? process.getuid?.();
  if (needed !== undefined && uid !== needed) {
    throw new EmbeddedPostgresError(
      `The database in ${site.data} belongs to user id ${uid}, but would be served by user id ${needed}. Run the service as ` +
        `the user that made it, or give the files to the new one: chown -R ${needed} ${site.data}`,
    );
  }
}

async function createCluster(site: Site): Promise<void> {
  await removeUnfinished(site);
  const unfinished = `${site.data}.new-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    if (site.user) await chown(unfinished, site.user.uid, site.user.gid);
    await initialise(site, unfinished);
    await setPassword(site, unfinished);
    // The settings file comes with each start; until then it must not be missed.
    await appendFile(join(unfinished, 'postgresql.conf'), `\ninclude_if_exists = '${SETTINGS_FILE}'\n`);
    await writeServerFile(unfinished, 'pg_hba.conf', HBA, site.user);
    await publish(unfinished, site.data);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** What an earlier service did not finish. Its initdb may still be writing there: a rest is removed the next time. */
async function removeUnfinished(site: Site): Promise<void> {
  const folder = dirname(site.data);
  for (const name of await readdir(folder)) {
    if (name.startsWith('data.new-'))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Without a locale named, an empty environment would make it SQL_ASCII. */
async function initialise(site: Site, data: string): Promise<void> {
  const args = ['--pgdata', data, '--username=postgres', '--auth=reject', '--no-instructions'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const program = site.binaries.initdb;
  const { ok, output, ending } = await runProgram({
    program,
    args: [...args, ...locale],
    user: site.user,
    cwd: site.folder,
  });
  if (!ok) {
    throw new EmbeddedPostgresError(
      `The database could not be made in ${site.folder}: initdb ${ending}. ${reasonIn(output)}\n` +
        `Put this right and start again, ${OR_USE_A_SERVER}.`,
    );
  }
  await command(site, data, [`CREATE ROLE ${ROLE} LOGIN CREATEDB`, `CREATE DATABASE ${DATABASE} OWNER ${ROLE}`]);
}

/** Gives the role a new password. The file comes last: while it is missing, the password is set again. */
async function setPassword(site: Site, data: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await command(site, data, [`ALTER ROLE ${ROLE} PASSWORD '${password}'`]);
  await writeServerFile(data, PASSWORD_FILE, `${password}\n`, site.user);
  return password;
}

/** Runs statements as the superuser in a process of their own, without a server. */
async function command(site: Site, data: string, statements: readonly string[]): Promise<void> {
  const settings = ['-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic', '-c', 'log_checkpoints=off'];
  const { ok, output, ending } = await runProgram({
    program: site.binaries.postgres,
    args: ['--single', '-j', '-D', data, ...settings, 'postgres'],
    user: site.user,
    cwd: site.folder,
    input: statements.map((statement) => `${statement};\n\n`).join(''),
  });
  if (!ok)
    throw new EmbeddedPostgresError(
      `The database in ${data} could not be set up: postgres ${ending}. ${reasonIn(output)}`,
    );
}

/** Renames the finished folder to its place, and makes that last over a power failure. */
async function publish(unfinished: string, data: string): Promise<void> {
  // Where a folder cannot be renamed over an empty one.
  if (await lstat(data).catch(() => undefined)) await rmdir(data);
  await rename(unfinished, data);
  if (process.platform === 'win32') return;
  const folder = await open(dirname(data), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? version;
}
