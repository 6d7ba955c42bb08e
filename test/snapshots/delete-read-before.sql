-- mutation { deleteTodoLists(where: { name: { eq: "CANARY" } }) { count nodes { items { text } } } }
SELECT ARRAY[CASE WHEN t1."owner_id" = $2::text THEN json_build_object('items', (SELECT coalesce(json_agg(json_build_object('text', t3."text")), '[]')
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

WITH target AS (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."name" = $1::text AND (t1."owner_id" = $2::text AND t1."owner_id" = $2::text)
  ORDER BY t1."id"
  LIMIT $3::integer FOR UPDATE OF t1) SELECT target."id", TRUE AS current
  FROM target
  ORDER BY target."id";
-- $1 constant "CANARY"
-- $2 caller id
-- $3 model

WITH origin AS MATERIALIZED (SELECT set_config('tablecast.actor', $2::text, TRUE), set_config('tablecast.request', $3::text, TRUE)), target AS (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."id" = ANY ($1::text[])
  ORDER BY t1."id" FOR UPDATE OF t1),
written AS (DELETE
  FROM "public"."todo_list" own USING target, origin
  WHERE own."id" = target."id" RETURNING own.*)
SELECT TRUE AS passed, '{}'::text[] AS hidden, TRUE AS current, written."id", '{}'::text[] AS answers
FROM target LEFT JOIN written ON written."id" = target."id"
  ORDER BY target."id";
-- $1 write
-- $2 actor
-- $3 requestId
