-- { todoItemsAggregate(where: { text: { eq: "CANARY" } }) { count sum { position cost } min { text dueAt } kind: __typename } }
SELECT (SELECT coalesce(json_agg(t3.item), '[]')
  FROM (SELECT json_build_object('count', t2."m1", 'sum', json_build_object('position', t2."m2"::text, 'cost', t2."m3"::text), 'min', json_build_object('text', t2."m4", 'dueAt', to_char(t2."m5" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'kind', 'TodoItemAggregate'::text) AS item
  FROM (SELECT count(*) AS "m1", sum(t1."position") AS "m2", sum(t1."cost") AS "m3", min(t1."text" COLLATE "C") AS "m4", min(t1."due_at") AS "m5"
  FROM "public"."todo_item" t1
  WHERE ((t1."owner_id" = $1::text AND t1."deleted" = FALSE) AND t1."text" = $2::text)) t2) t3)::text AS answer;
-- $1 caller id
-- $2 constant "CANARY"
