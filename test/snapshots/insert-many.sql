-- mutation ($data: [TodoItemInsert!]!) { insertTodoItems(data: $data) { count nodes { id } } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $2::text, TRUE), set_config('tablecast.request', $3::text, TRUE)), new AS (SELECT u."#at", u.c0 AS "id", u.c1 AS "text", u.c2 AS "complete", u.c3 AS "priority", u.c4 AS "position", u.c5 AS "due_at", u.c6 AS "cost", u.c7::text[] AS "tags", u.c8 AS "list_id", u.c9 AS "owner_id", u.c10 AS "moderation_note", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version", FALSE AS "deleted"
  FROM unnest($4::text[], $5::text[], $6::boolean[], $7::text[], $8::integer[], $9::timestamp with time zone[], $10::numeric[], $11::text[], $12::text[], $13::text[], $14::text[]) WITH ORDINALITY AS u(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, "#at")),
verdict AS (SELECT new."#at", new."id", coalesce(EXISTS (SELECT 1
  FROM "public"."todo_list" t2
  WHERE t2."id" = new."list_id" AND t2."owner_id" = $1::text), FALSE) AS passed, array_remove(ARRAY[CASE WHEN new."list_id" IS NULL OR
  EXISTS (SELECT 1
  FROM "public"."todo_list" t1
  WHERE t1."id" = new."list_id" AND t1."owner_id" = $1::text) THEN NULL ELSE 'list' END]::text[], NULL) AS hidden
  FROM new),
written AS (INSERT INTO "public"."todo_item" ("id", "text", "complete", "priority", "position", "due_at", "cost", "tags", "list_id", "owner_id", "moderation_note") SELECT new."id", new."text", new."complete", new."priority", new."position", new."due_at", new."cost", new."tags", new."list_id", new."owner_id", new."moderation_note"
  FROM new JOIN verdict ON verdict."#at" = new."#at", origin
  WHERE NOT
  EXISTS (SELECT 1
  FROM verdict
  WHERE NOT (verdict.passed AND verdict.hidden = '{}')) RETURNING *)
SELECT verdict.passed, verdict.hidden, written."id", ARRAY[CASE WHEN written."owner_id" = $1::text THEN json_build_object('id', written."id")::text END] AS answers
FROM verdict LEFT JOIN written ON written."id" = verdict."id"
  ORDER BY verdict."#at";
-- $1 caller id
-- $2 actor
-- $3 requestId
-- $4 write
-- $5 write
-- $6 write
-- $7 write
-- $8 write
-- $9 write
-- $10 write
-- $11 write
-- $12 write
-- $13 write
-- $14 write
