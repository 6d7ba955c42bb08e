// A process that opens a service, is asked, closes it, and has nothing left to do: started by shutdown.test.ts, which waits
// for its end. Prints what is still open after closing.

import { headersOf, openTestService } from './open-test-service.ts';

const app = await openTestService();
const answers = await Promise.all([
  app.ask('{ todoLists { id } }', { as: 'alice' }),
  app.ask('mutation { insertTodoList(data: { name: "x" }) { id items { id } } }', { as: 'alice' }),
  app.ask('{ service { version } }', { as: 'admin', path: '/admin/graphql' }),
  app.ask('{ nope }'),
  fetch(`${app.url}/metrics`, { headers: headersOf('admin') }),
  fetch(`${app.url}/readyz`),
]);
await Promise.all([app.close(), app.service.close()]);
await app.service.close();
const open = process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|FSEvent|Process/.test(name));
process.stdout.write(JSON.stringify({ statuses: answers.map(({ status }) => status), open }));
