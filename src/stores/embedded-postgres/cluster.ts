// The database files: made once, complete or not at all, and checked before every start. A new cluster is built in a
// folder beside the final one and renamed, so an end at any moment leaves either nothing or all of it.

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Deadline } from './deadline.ts';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { type ProgramRun, runProgram } from './run-program.ts';
import { reasonIn } from './server-log.ts';
import { writeServerFile } from './server-settings.ts';
import { giveTo } from './server-user.ts';
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
export async function openCluster(site: Site, deadline: Deadline): Promise<string> {
  const version = await readVersion(site);
  if (version === undefined) await createCluster(site, deadline);
  else checkMajor(site, version);
  return (await readPassword(site)) ?? (await setPassword(site, deadline));
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

/** The version of the cluster; undefined when there is none. */
async function readVersion(site: Site): Promise<string | undefined> {
  const found = await stat(site.data).catch(() => undefined);
  if (!found) return undefined;
  // An owner who is not us may not let us look.
  const files = await readdir(site.data).catch(() => undefined);
  if (files?.length === 0) return undefined;
  const owner = site.user?.uid ?? process.getuid?.();
  if (owner !== undefined && found.uid !== owner) {
    throw new EmbeddedPostgresError(
      `The database in ${site.data} belongs to user id ${found.uid}, but would be served by user id ${owner}. Run the ` +
        `service as the user that made it, or give the files to the new one: chown -R ${owner} ${site.data}`,
    );
  }
  if (files?.includes('PG_VERSION')) return (await readFile(join(site.data, 'PG_VERSION'), 'utf8')).trim();
  throw new EmbeddedPostgresError(
    `The folder ${site.data} holds files, but no database of PostgreSQL's (PG_VERSION is missing). ` +
      'Move them away, or restore the folder from a backup.',
  );
}

async function createCluster(site: Site, deadline: Deadline): Promise<void> {
  await removeUnfinished(site);
  const data = `${site.data}.new-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(data, { mode: 0o700 });
    await giveTo(data, site.user);
    await initialise(site, data, deadline);
    const password = newPassword();
    await command(site, data, deadline, [
      `CREATE ROLE ${ROLE} LOGIN CREATEDB PASSWORD '${password}'`,
      `CREATE DATABASE ${DATABASE} OWNER ${ROLE}`,
    ]);
    await writeServerFile(data, PASSWORD_FILE, `${password}\n`, site.user);
    await writeServerFile(data, 'pg_hba.conf', HBA, site.user);
    await publish(data, site.data);
  } catch (error) {
    await rm(data, { recursive: true, force: true }).catch(() => undefined);
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
async function initialise(site: Site, data: string, deadline: Deadline): Promise<void> {
  const args = ['--pgdata', data, '--username=postgres', '--auth=reject', '--no-instructions'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await runSetup(site, { program: site.binaries.initdb, args: [...args, ...locale] }, deadline);
}

/** Gives the role a new password, when the file with the old one is lost. The new file comes last, so that a failure repeats. */
async function setPassword(site: Site, deadline: Deadline): Promise<string> {
  const password = newPassword();
  await command(site, site.data, deadline, [`ALTER ROLE ${ROLE} PASSWORD '${password}'`]);
  await writeServerFile(site.data, PASSWORD_FILE, `${password}\n`, site.user);
  return password;
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** Runs statements as the superuser in a process of their own, without a server. */
async function command(site: Site, data: string, deadline: Deadline, statements: readonly string[]): Promise<void> {
  const settings = ['-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic', '-c', 'log_checkpoints=off'];
  const args = ['--single', '-j', '-D', data, ...settings, 'postgres'];
  const input = statements.map((statement) => `${statement};\n\n`).join('');
  await runSetup(site, { program: site.binaries.postgres, args, input }, deadline);
}

async function runSetup(
  site: Site,
  run: Pick<ProgramRun, 'program' | 'args' | 'input'>,
  deadline: Deadline,
): Promise<void> {
  const { ok, output, ending } = await runProgram({ ...run, user: site.user, cwd: site.folder }, deadline);
  if (ok) return;
  throw new EmbeddedPostgresError(
    `The database could not be set up in ${site.folder}: ${basename(run.program)} ${ending}. ${reasonIn(output)}\n` +
      `Put this right and start again, ${OR_USE_A_SERVER}.`,
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
