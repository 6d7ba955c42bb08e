// What every table of a model stands on: the sequence of row versions, the function that makes ids, and the trigger
// function that keeps the system columns. They are part of the first migration, so that their text is history: a later
// change is a later migration.

/**
 * The statements, for a server of that `server_version_num`. They can be run again over what they made; databases older
 * than the catalog have these objects and no record of it.
 */
export function systemObjects(serverVersion: number): string[] {
  return [
    'CREATE SEQUENCE IF NOT EXISTS "tablecast".row_version CACHE 32',
    `CREATE OR REPLACE FUNCTION "tablecast".new_id() RETURNS text LANGUAGE sql VOLATILE AS $$ ${newId(serverVersion)} $$`,
    `CREATE OR REPLACE FUNCTION "tablecast".stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := pg_catalog.clock_timestamp();
BEGIN
  NEW.created_at := CASE WHEN TG_OP = 'INSERT' THEN moment ELSE OLD.created_at END;
  NEW.updated_at := moment;
  NEW.version := pg_catalog.nextval('tablecast.row_version');
  RETURN NEW;
END $$`,
  ];
}

/** A UUIDv7 as text: PostgreSQL's own since 18. What is made for an older one works on a newer one as well. */
function newId(serverVersion: number): string {
  if (serverVersion >= 180_000) return 'SELECT uuidv7()::text';
  // RFC 9562 section 5.7: 48 bits of milliseconds over the random bits of a version 4 id, then the version nibble.
  return `SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
           substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid::text`;
}
