// The least that can answer: node:http, a pool, and one prepared statement for each question, written by hand. It reads the
// same requests as the others, and takes no notice of the document in them.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { CASES, operationName } from '../cases.ts';
import { WRITE_CASES, writeOperation } from '../writes/write-cases.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE']) });
const statements = new Map([
  ...CASES.map((one) => [operationName(one), one.sql] as const),
  ...WRITE_CASES.map((one) => [writeOperation(one), one.sql] as const),
]);
/** Lists of rows go to the statement as one JSON text. */
const toParameter = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as { operationName: string; variables: object };
    const text = statements.get(asked.operationName) ?? '';
    const values = Object.values(asked.variables).map(toParameter);
    const { rows } = await pool.query({ name: asked.operationName, text, values });
    const [row] = rows;
    const body = row ? `{"data":${row.answer}}` : '{"errors":[{"message":"The row has another version."}]}';
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
});

server.listen(0, '127.0.0.1', () =>
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`),
);
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await pool.end();
});
