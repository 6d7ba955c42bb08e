-- mutation { insertTodoList(data: { name: "CANARY", items: { insert: [{ text: "CANARY" }, { text: "CANARY" }] } }) { id items { id } } }
SELECT ARRAY[CASE WHEN t1."owner_id" = $2::text THEN json_build_object('id', t1."id", 'items', (SELECT coalesce(json_agg(json_build_object('id', t3."id")), '[]')
  FROM (SELECT t2.*
  FROM "public"."todo_item" t2
  WHERE t2."list_id" = t1."id" AND (t2."owner_id" = $2::text AND t2."deleted" = FALSE)
  ORDER BY t2."id"
  LIMIT $3::integer OFFSET $4::integer) t3))::text END] AS answers
  FROM unnest($1::text[]) WITH ORDINALITY AS given(c0, at) LEFT JOIN "public"."todo_list" t1 ON t1."id" = given.c0
  ORDER BY given.at;
-- $1 write
-- $2 caller id
-- $3 constant 50 at most 1000
-- $4 constant 0 at most 1000000

WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $4::text, TRUE), set_config('tablecast.request', $5::text, TRUE)),
written AS (INSERT INTO "public"."todo_list" ("id", "name", "owner_id") SELECT $1::text, $2::text, $3::text
  FROM origin RETURNING *)
SELECT TRUE AS passed, '{}'::text[] AS hidden, written."id", '{}'::text[] AS answers
  FROM written;
-- $1 write
-- $2 write
-- $3 write
-- $4 actor
-- $5 requestId

WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $1::text, TRUE), set_config('tablecast.request', $2::text, TRUE)), new AS (SELECT u."#at", u.c0 AS "id", u.c1 AS "text", u.c2 AS "complete", u.c3 AS "priority", u.c4 AS "position", u.c5 AS "due_at", u.c6 AS "cost", u.c7::text[] AS "tags", u.c8 AS "list_id", u.c9 AS "owner_id", u.c10 AS "moderation_note", now() AS "created_at", now() AS "updated_at", NULL::bigint AS "version", FALSE AS "deleted"
  FROM unnest($3::text[], $4::text[], $5::boolean[], $6::text[], $7::integer[], $8::timestamp with time zone[], $9::numeric[], $10::text[], $11::text[], $12::text[], $13::text[]) WITH ORDINALITY AS u(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, "#at")),
verdict AS (SELECT new."#at", new."id", coalesce(EXISTS (SELECT 1
  FROM "public"."todo_list" t1
  WHERE t1."id" = new."list_id" AND t1."owner_id" = $14::text), FALSE) AS passed, '{}'::text[] AS hidden
  FROM new),
written AS (INSERT INTO "public"."todo_item" ("id", "text", "complete", "priority", "position", "due_at", "cost", "tags", "list_id", "owner_id", "moderation_note") SELECT new."id", new."text", new."complete", new."priority", new."position", new."due_at", new."cost", new."tags", new."list_id", new."owner_id", new."moderation_note"
  FROM new JOIN verdict ON verdict."#at" = new."#at", origin
  WHERE NOT
  EXISTS (SELECT 1
  FROM verdict
  WHERE NOT (verdict.passed AND verdict.hidden = '{}')) RETURNING *)
SELECT verdict.passed, verdict.hidden, written."id", '{}'::text[] AS answers
FROM verdict LEFT JOIN written ON written."id" = verdict."id"
  ORDER BY verdict."#at";
-- $1 actor
-- $2 requestId
-- $3 write
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
-- $14 caller id
