-- mutation { insertTodoLists(data: [{ name: "CANARY" }], mode: EACH) { count nodes { name } } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $2::text, TRUE), set_config('tablecast.request', $3::text, TRUE)), new AS (SELECT u."#at", u.c0 AS "id", u.c1 AS "name", u.c2 AS "owner_id", u.c3 AS "#kept", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version"
  FROM unnest($4::text[], $5::text[], $6::text[], $7::boolean[]) WITH ORDINALITY AS u(c0, c1, c2, c3, "#at")),
verdict AS (SELECT new."#at", new."id", coalesce(TRUE, FALSE) AS passed, '{}'::text[] AS hidden, new."#kept", array_remove(ARRAY[CASE WHEN
  EXISTS (SELECT 1
  FROM "public"."todo_list" t1
  WHERE t1."id" = new."id") OR (new."id" IS NOT NULL AND row_number() OVER (PARTITION BY new."id"
  ORDER BY new."#at") > 1) THEN 0 END]::integer[], NULL) AS taken
  FROM new),
written AS (INSERT INTO "public"."todo_list" ("id", "name", "owner_id") SELECT new."id", new."name", new."owner_id"
  FROM new JOIN verdict ON verdict."#at" = new."#at", origin
  WHERE verdict."#kept" AND (verdict.passed AND verdict.hidden = '{}')
  ORDER BY new."#at" ON CONFLICT DO NOTHING RETURNING *)
SELECT verdict.passed, verdict.hidden, verdict.taken, written."id", ARRAY[CASE WHEN written."owner_id" = $1::text THEN json_build_object('name', written."name")::text END] AS answers
FROM verdict LEFT JOIN written ON written."id" = verdict."id" AND verdict."#kept"
  ORDER BY verdict."#at";
-- $1 caller id
-- $2 actor
-- $3 requestId
-- $4 write
-- $5 write
-- $6 write
-- $7 write
