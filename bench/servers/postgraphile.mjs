// PostGraphile 5 as its guide sets it up for production: Amber preset, filters and aggregates as plugins, nothing watched,
// no GraphiQL, no explain. Its caches of plans and prepared statements are on, as they are by default.

import { createServer } from 'node:http';
import { PgAggregatesPreset } from '@graphile/pg-aggregates';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter';

const { DATABASE_URL, POOL_SIZE } = process.env;

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset, PgAggregatesPreset],
  pgServices: [
    makePgService({
      connectionString: DATABASE_URL,
      schemas: ['public'],
      pubsub: false,
      poolConfig: { max: Number(POOL_SIZE) },
    }),
  ],
  grafserv: { graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
  schema: { defaultBehavior: '+list' },
});

if (process.argv.includes('--schema')) {
  const { printSchema } = await import('graphql');
  process.stdout.write(printSchema(await instance.getSchema()));
  await instance.release();
} else {
  const server = createServer();
  server.on('error', (error) => console.error(error));
  await instance.createServ(grafserv).addTo(server);
  server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}/graphql`));
  process.once('SIGTERM', async () => {
    server.close();
    server.closeAllConnections();
    await instance.release();
  });
}
