// What orders the change log, as part of the third migration, so that its text is history: epochs, batches, and the functions
// that close a batch and read on from a position. Plans are pinned: what the statistics of a growing log say of its end is
// always wrong, and the indexes are always right.

export function orderObjects(): string[] {
  return [
    // The last one is in force. `server` is the identity of the database that it was begun in.
    `CREATE TABLE tablecast.change_epoch (
      number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT change_epoch_pkey PRIMARY KEY,
      id text NOT NULL,
      server text NOT NULL,
      oldest bigint NOT NULL,
      began_at timestamptz NOT NULL DEFAULT now())`,
    `CREATE TABLE tablecast.change_batch (
      number bigint CONSTRAINT change_batch_pkey PRIMARY KEY,
      snapshot pg_snapshot NOT NULL,
      first_seq bigint NOT NULL,
      last_seq bigint NOT NULL,
      rows bigint NOT NULL,
      closed_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    CLOSE_BATCH,
    READ_CHANGES,
  ];
}

/** What can be said of a plan whatever the numbers are. */
const PINNED = `SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan`;

/**
 * The batch is what its own snapshot sees and the one before it did not. Only one process closes at a time: the others have
 * nothing to wait for. The number is the key, so that even without the lock there could be no two.
 */
const CLOSE_BATCH = `CREATE FUNCTION tablecast.close_batch() RETURNS void LANGUAGE plpgsql ${PINNED}
AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(7305124812) THEN RETURN; END IF;
  INSERT INTO tablecast.change_batch (number, snapshot, first_seq, last_seq, rows)
  SELECT last.number + 1, pg_current_snapshot(), found.first_seq, found.last_seq, found.rows
    FROM (SELECT b.number, b.snapshot, ARRAY(SELECT pg_snapshot_xip(b.snapshot)) AS late
            FROM tablecast.change_batch b ORDER BY b.number DESC LIMIT 1) last,
         LATERAL (SELECT min(c.seq) AS first_seq, max(c.seq) AS last_seq, count(*) AS rows
                    FROM tablecast.change c
                   WHERE c.xid >= pg_snapshot_xmax(last.snapshot) OR c.xid = ANY (last.late)) found
   WHERE found.rows > 0
  ON CONFLICT (number) DO NOTHING;
END $$`;

/**
 * Batch by batch: by transaction, sorted, or along the sequence, which for a batch of many pages looks at each number once in
 * all pages together where sorting would look at each row once a page.
 */
const READ_CHANGES = `CREATE FUNCTION tablecast.read_changes(after_batch bigint, after_seq bigint, most integer)
  RETURNS TABLE (batch bigint, entry tablecast.change) LANGUAGE plpgsql STABLE ${PINNED}
AS $$
DECLARE
  b record;
  from_seq bigint;
  room bigint := most;
  taken bigint;
BEGIN
  FOR b IN
    SELECT n.number, n.snapshot AS seen, n.first_seq, n.last_seq, n.rows, p.snapshot AS known,
           ARRAY(SELECT pg_snapshot_xip(p.snapshot)) AS late
      FROM tablecast.change_batch n JOIN tablecast.change_batch p ON p.number = n.number - 1
     WHERE n.number >= after_batch ORDER BY n.number
  LOOP
    from_seq := CASE WHEN b.number = after_batch THEN greatest(after_seq, b.first_seq - 1) ELSE b.first_seq - 1 END;
    CONTINUE WHEN from_seq >= b.last_seq;
    IF b.rows <= room OR b.last_seq - from_seq > b.rows * (b.rows / most + 1) THEN
      RETURN QUERY
        SELECT b.number, c FROM tablecast.change c
         WHERE ((c.xid >= pg_snapshot_xmax(b.known) AND c.xid < pg_snapshot_xmax(b.seen)) OR c.xid = ANY (b.late))
           AND pg_visible_in_snapshot(c.xid, b.seen) AND c.seq > from_seq
         ORDER BY c.seq LIMIT room;
    ELSE
      RETURN QUERY
        SELECT b.number, c FROM tablecast.change c
         WHERE c.seq > from_seq AND c.seq <= b.last_seq
           AND pg_visible_in_snapshot(c.xid, b.seen) AND NOT pg_visible_in_snapshot(c.xid, b.known)
         ORDER BY c.seq LIMIT room;
    END IF;
    GET DIAGNOSTICS taken = ROW_COUNT;
    room := room - taken;
    EXIT WHEN room <= 0;
  END LOOP;
END $$`;
