-- mutation { updateTodoItem(by: { id: "CANARY" }, set: { text: "CANARY" }, increment: { position: 4321 }, append: { tags: ["CANARY"] }, ifVersion: "7654") { text list { name } } }
SELECT ARRAY[CASE WHEN t1."owner_id" = $2::text THEN json_build_object('text', t1."text", 'list', (SELECT json_build_object('name', t2."name")
  FROM "public"."todo_list" t2
  WHERE t2."id" = t1."list_id" AND t2."owner_id" = $2::text))::text END] AS answers
  FROM unnest($1::text[]) WITH ORDINALITY AS given(c0, at) LEFT JOIN "public"."todo_item" t1 ON t1."id" = given.c0
  ORDER BY given.at;
-- $1 write
-- $2 caller id

WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $1::text, TRUE), set_config('tablecast.request', $2::text, TRUE)),
target AS (SELECT t1.*
  FROM "public"."todo_item" t1
  WHERE t1."id" = $3::text AND (t1."owner_id" = $4::text AND t1."deleted" = FALSE) FOR NO KEY UPDATE OF t1),
next AS (SELECT target."id" AS "id", $5::text AS "text", target."complete" AS "complete", target."priority" AS "priority", coalesce(target."position", 0) + $6::integer AS "position", target."due_at" AS "due_at", target."cost" AS "cost", coalesce(target."tags", '{}') || $7::text[] AS "tags", target."list_id" AS "list_id", target."owner_id" AS "owner_id", target."moderation_note" AS "moderation_note", target."created_at" AS "created_at", target."updated_at" AS "updated_at", target."version" AS "version", target."deleted" AS "deleted", target."version" = $8::bigint AS "#current"
  FROM target),
verdict AS (SELECT next."id", next."#current" AS current, coalesce(next."owner_id" = $4::text, FALSE) AS passed, '{}'::text[] AS hidden
  FROM next),
written AS (UPDATE "public"."todo_item" own SET "text" = next."text", "position" = next."position", "tags" = next."tags"
  FROM next, origin
  WHERE own."id" = next."id" AND NOT
  EXISTS (SELECT 1
  FROM verdict
  WHERE NOT ((verdict.passed AND verdict.hidden = '{}') AND verdict.current)) RETURNING own.*)
SELECT verdict.passed, verdict.hidden, verdict.current, verdict."id" AS target, written."id", '{}'::text[] AS answers
FROM verdict LEFT JOIN written ON written."id" = verdict."id"
  ORDER BY verdict."id";
-- $1 actor
-- $2 requestId
-- $3 constant "CANARY"
-- $4 caller id
-- $5 write
-- $6 write
-- $7 write
-- $8 constant "7654"

SELECT (SELECT json_build_object('text', t1."text", 'list', (SELECT row_to_json("t3.row")
  FROM (SELECT t2."name" AS "name"
  FROM "public"."todo_list" t2
  WHERE t2."id" = t1."list_id" AND t2."owner_id" = $2::text) "t3.row"))
  FROM "public"."todo_item" t1
  WHERE t1."id" = $1::text AND (t1."owner_id" = $2::text AND t1."deleted" = FALSE))::text AS answer;
-- $1 constant "CANARY"
-- $2 caller id
