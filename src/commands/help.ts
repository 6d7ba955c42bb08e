// `tablecast --help`.

import { describeSettings } from '../config/describe-settings.ts';

/** The help text: commands, then every setting. */
export function helpText(): string {
  return `Usage: tablecast <command> [options]

  start            serve the app in this folder; --app <dir> for another
                   --inspect opens a debugger for its scripts, at 127.0.0.1:9229 or --inspect=<host:port>
  init <dir>       make a new app
  sample world [dir]
                   make an app with real data: 140,000 countries, regions and cities, from npm packages
  plan             print what a start would do to the database, without doing it
  apply            do it, without starting; before the copies of a service start, for example
                   plan, apply and start take --allow <name>, more than once for several: what may be lost,
                   by the names that the plan gives
  schema           print the generated GraphQL schema; --write keeps it in schema/generated.graphql
  types            write the types of the app's scripts, for an editor, and check the scripts by them
  token <user>     print a user token for trying things out; --role <role>, more than once for several
  --help, --version

Settings, from the environment or from .env in the app's folder:

${describeSettings()}`;
}
