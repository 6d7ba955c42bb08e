// What writes the change log, as part of the third migration, so that its text is history: the tables that take the rows of
// the log, and the trigger function.

/** The parts of the log. Each takes the changes of one day, and is emptied before its turn comes again. */
const SLOTS = 10;

export function captureObjects(): string[] {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  return [
    // A session that kept numbers for later would put a later change of a row before an earlier one.
    'CREATE SEQUENCE tablecast.change_seq AS bigint NO CYCLE CACHE 1',
    `CREATE TABLE tablecast.change (
      slot smallint NOT NULL,
      seq bigint NOT NULL,
      xid xid8 NOT NULL,
      at timestamptz NOT NULL,
      relation oid NOT NULL,
      table_name text NOT NULL,
      op "char" NOT NULL,
      row_id text COLLATE "C",
      old jsonb,
      new jsonb,
      actor text NOT NULL,
      request_id text,
      model bigint) PARTITION BY LIST (slot)`,
    ...slots.map(
      (slot) => `CREATE TABLE tablecast.change_${slot} PARTITION OF tablecast.change FOR VALUES IN (${slot})`,
    ),
    'CREATE INDEX change_xid_idx ON tablecast.change (xid)',
    'CREATE INDEX change_seq_idx ON tablecast.change (seq)',
    // Every moment has a slot, on any clock: a write must never fail for want of one.
    `CREATE FUNCTION tablecast.change_slot(moment timestamptz) RETURNS smallint LANGUAGE sql STABLE
     AS $$ SELECT (pg_catalog.abs(moment::pg_catalog.date - '2000-01-01'::pg_catalog.date) % ${SLOTS})::pg_catalog.int2 $$`,
    // Another takes its place with each model. It is not IMMUTABLE, since plans may keep what such a function answered.
    'CREATE FUNCTION tablecast.applied_model_id() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT NULL::pg_catalog.int8 $$',
    CAPTURE,
    LOG_RESET,
  ];
}

/** The texts of the images must not depend on the settings of whoever writes. */
const CAPTURE = `CREATE FUNCTION tablecast.capture_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  before jsonb := CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN to_jsonb(NEW) END;
BEGIN
  INSERT INTO tablecast.change (slot, seq, xid, at, relation, table_name, op, row_id, old, new, actor, request_id, model)
  VALUES (tablecast.change_slot(moment), nextval('tablecast.change_seq'), pg_current_xact_id(), moment, TG_RELID, TG_TABLE_NAME,
          CASE TG_OP WHEN 'TRUNCATE' THEN 'R' ELSE left(TG_OP, 1) END::"char", coalesce(after, before) ->> 'id', before, after,
          coalesce(nullif(current_setting('tablecast.actor', TRUE), ''), 'database:' || session_user),
          nullif(current_setting('tablecast.request', TRUE), ''), tablecast.applied_model_id());
  RETURN NULL;
END $$`;

const LOG_RESET = `CREATE FUNCTION tablecast.log_reset(relation regclass) RETURNS void LANGUAGE sql
  SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC'
AS $$
  INSERT INTO tablecast.change (slot, seq, xid, at, relation, table_name, op, actor, model)
  SELECT tablecast.change_slot(moment), nextval('tablecast.change_seq'), pg_current_xact_id(), moment, relation, c.relname, 'R',
         coalesce(nullif(current_setting('tablecast.actor', TRUE), ''), 'database:' || session_user), tablecast.applied_model_id()
    FROM pg_class c, clock_timestamp() AS moment WHERE c.oid = relation
$$`;
