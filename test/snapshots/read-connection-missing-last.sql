-- { todoItemsConnection(orderBy: { dueAt: ASC }, after: "CANARY", first: 4321) { nodes { text } } }
SELECT (SELECT json_build_object('nodes', coalesce(array_to_json(array_agg("t7.row")), '[]'))
  FROM (WITH t1 AS MATERIALIZED (SELECT t2.*
  FROM "public"."todo_item" t2
  WHERE (t2."owner_id" = $2::text AND t2."deleted" = FALSE) AND t2."due_at" >= $3::timestamp with time zone AND (t2."due_at" > $3::timestamp with time zone OR t2."id" > $4::text COLLATE "C")
  ORDER BY t2."due_at", t2."id"
  LIMIT $1::integer) SELECT t4.*
  FROM (SELECT *
  FROM t1 UNION ALL (SELECT t3.*
  FROM "public"."todo_item" t3
  WHERE (t3."owner_id" = $2::text AND t3."deleted" = FALSE) AND t3."due_at" IS NULL AND ($3::timestamp with time zone IS NOT NULL OR t3."id" > $4::text COLLATE "C")
  ORDER BY t3."due_at", t3."id"
  LIMIT $1::integer - (SELECT count(*)
  FROM t1))) t4
  ORDER BY t4."due_at", t4."id") t5 CROSS JOIN LATERAL (SELECT t5."text" AS "text") "t7.row")::text AS answer;
-- $1 constant 4321 at most 1000
-- $2 caller id
-- $3 value 0 of the cursor in constant "CANARY"
-- $4 value 1 of the cursor in constant "CANARY"
