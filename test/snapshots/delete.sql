-- mutation { deleteTodoList(by: { id: "CANARY" }) { name } }
WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $3::text, TRUE), set_config('tablecast.request', $4::text, TRUE)), target AS (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."id" = $1::text AND t1."owner_id" = $2::text FOR UPDATE OF t1),
written AS (DELETE
  FROM "public"."todo_list" own USING target, origin
  WHERE own."id" = target."id" RETURNING own.*)
SELECT TRUE AS passed, '{}'::text[] AS hidden, TRUE AS current, written."id", ARRAY[CASE WHEN written."owner_id" = $2::text THEN json_build_object('name', written."name")::text END] AS answers
FROM target LEFT JOIN written ON written."id" = target."id"
  ORDER BY target."id";
-- $1 constant "CANARY"
-- $2 caller id
-- $3 actor
-- $4 requestId

SELECT (SELECT json_build_object('name', t1."name")
  FROM "public"."todo_list" t1
  WHERE t1."id" = $1::text AND t1."owner_id" = $2::text)::text AS answer;
-- $1 constant "CANARY"
-- $2 caller id
