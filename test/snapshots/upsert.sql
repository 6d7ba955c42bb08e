-- mutation { upsertTodoList(by: { id: "CANARY" }, insert: { name: "CANARY" }) { inserted node { name } } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $4::text, TRUE), set_config('tablecast.request', $5::text, TRUE)),
target AS (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."id" = $6::text AND t1."owner_id" = $7::text FOR NO KEY UPDATE OF t1),
next AS (SELECT target."id" AS "id", $8::text AS "name", target."owner_id" AS "owner_id", target."created_at" AS "created_at", target."updated_at" AS "updated_at", target."version" AS "version", TRUE AS "#current"
  FROM target),
verdict AS (SELECT next."id", next."#current" AS current, coalesce(next."owner_id" = $7::text, FALSE) AS passed, '{}'::text[] AS hidden
  FROM next),
written AS (UPDATE "public"."todo_list" own SET "name" = next."name"
  FROM next, origin
  WHERE own."id" = next."id" AND NOT
  EXISTS (SELECT 1
  FROM verdict
  WHERE NOT ((verdict.passed AND verdict.hidden = '{}') AND verdict.current)) RETURNING own.*),
new AS (SELECT $1::text AS "id", $2::text AS "name", $3::text AS "owner_id", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version"
  WHERE NOT
  EXISTS (SELECT 1
  FROM target)),
made AS (SELECT coalesce(TRUE, FALSE) AS passed, '{}'::text[] AS hidden, array_remove(ARRAY[CASE WHEN
  EXISTS (SELECT 1
  FROM "public"."todo_list" t2
  WHERE t2."id" = new."id") THEN 0 END]::integer[], NULL) AS taken
  FROM new),
inserted AS (INSERT INTO "public"."todo_list" ("id", "name", "owner_id") SELECT new."id", new."name", new."owner_id"
  FROM new, made, origin
  WHERE (made.passed AND made.hidden = '{}') ON CONFLICT DO NOTHING RETURNING *)
SELECT verdict.passed, verdict.hidden, verdict.current, FALSE AS inserted, '{}'::integer[] AS taken, written."id", ARRAY[CASE WHEN written."owner_id" = $7::text THEN json_build_object('name', written."name")::text END] AS answers
FROM verdict LEFT JOIN written ON TRUE UNION ALL
SELECT made.passed, made.hidden, TRUE, TRUE, made.taken, inserted."id", ARRAY[CASE WHEN inserted."owner_id" = $7::text THEN json_build_object('name', inserted."name")::text END]
FROM made LEFT JOIN inserted ON TRUE;
-- $1 write
-- $2 write
-- $3 write
-- $4 actor
-- $5 requestId
-- $6 constant "CANARY"
-- $7 caller id
-- $8 write
