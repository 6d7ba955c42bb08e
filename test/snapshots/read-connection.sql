-- { todoItemsConnection(orderBy: { position: DESC }, after: "CANARY") { edges { cursor node { text } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }
SELECT (SELECT json_build_object('edges', coalesce(array_to_json(array_agg("t5.row"
  ORDER BY t2."page.row") FILTER (WHERE t2."page.row" <= $1::integer)), '[]'), 'pageInfo', json_build_object('hasNextPage', count(*) > $1::integer, 'hasPreviousPage', (EXISTS (SELECT 1
  FROM "public"."todo_item" t6
  WHERE (t6."owner_id" = $2::text AND t6."deleted" = FALSE) AND t6."position" >= $3::integer AND (t6."position" > $3::integer OR t6."id" <= $4::text COLLATE "C") AND t6."id" = $4::text) OR
  EXISTS (SELECT 1
  FROM "public"."todo_item" t6
  WHERE (t6."owner_id" = $2::text AND t6."deleted" = FALSE) AND t6."position" >= $3::integer AND (t6."position" > $3::integer OR t6."id" <= $4::text COLLATE "C"))), 'endCursor', max(translate(encode(convert_to(json_build_array('t-GOeqzY', t2."position", t2."id")::text, 'UTF8'), 'base64'), E'+/=\n', '-_')) FILTER (WHERE t2."page.row" = least(t2."page.rows", $1::integer))), 'totalCount', (SELECT count(*)
  FROM "public"."todo_item" t7
  WHERE (t7."owner_id" = $2::text AND t7."deleted" = FALSE)))
  FROM (SELECT t3.*, row_number() OVER () AS "page.row", count(*) OVER () AS "page.rows"
  FROM (SELECT t1.*
  FROM "public"."todo_item" t1
  WHERE (t1."owner_id" = $2::text AND t1."deleted" = FALSE) AND t1."position" <= $3::integer AND (t1."position" < $3::integer OR t1."id" > $4::text COLLATE "C")
  ORDER BY t1."position" DESC, t1."id"
  LIMIT $1::integer + 1) t3) t2 CROSS JOIN LATERAL (SELECT t2."text" AS "text") "t4.row" CROSS JOIN LATERAL (SELECT translate(encode(convert_to(json_build_array('t-GOeqzY', t2."position", t2."id")::text, 'UTF8'), 'base64'), E'+/=\n', '-_') AS "cursor", row_to_json("t4.row") AS "node") "t5.row")::text AS answer;
-- $1 constant 50 at most 1000
-- $2 caller id
-- $3 value 0 of the cursor in constant "CANARY"
-- $4 value 1 of the cursor in constant "CANARY"
