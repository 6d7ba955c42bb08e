-- { todoItemsConnection(orderBy: { position: DESC }, after: "CANARY") { edges { cursor node { text } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }
SELECT (SELECT json_build_object('edges', coalesce(json_agg(json_build_object('cursor', translate(encode(convert_to(json_build_array('t-GOeqzY', t2."position", t2."id")::text, 'UTF8'), 'base64'), E'+/=\n', '-_'), 'node', json_build_object('text', t2."text"))
  ORDER BY t2."page.row") FILTER (WHERE t2."page.row" <= $1::integer), '[]'), 'pageInfo', json_build_object('hasNextPage', count(*) > $1::integer, 'hasPreviousPage', (EXISTS (SELECT 1
  FROM "public"."todo_item" t4
  WHERE (t4."owner_id" = $2::text AND t4."deleted" = FALSE) AND t4."position" >= $3::integer AND (t4."position" > $3::integer OR t4."id" <= $4::text COLLATE "C") AND t4."id" = $4::text) OR
  EXISTS (SELECT 1
  FROM "public"."todo_item" t4
  WHERE (t4."owner_id" = $2::text AND t4."deleted" = FALSE) AND t4."position" >= $3::integer AND (t4."position" > $3::integer OR t4."id" <= $4::text COLLATE "C"))), 'endCursor', max(translate(encode(convert_to(json_build_array('t-GOeqzY', t2."position", t2."id")::text, 'UTF8'), 'base64'), E'+/=\n', '-_')) FILTER (WHERE t2."page.row" = least(t2."page.rows", $1::integer))), 'totalCount', (SELECT count(*)
  FROM "public"."todo_item" t5
  WHERE (t5."owner_id" = $2::text AND t5."deleted" = FALSE)))
  FROM (SELECT t3.*, row_number() OVER () AS "page.row", count(*) OVER () AS "page.rows"
  FROM (SELECT t1.*
  FROM "public"."todo_item" t1
  WHERE (t1."owner_id" = $2::text AND t1."deleted" = FALSE) AND t1."position" <= $3::integer AND (t1."position" < $3::integer OR t1."id" > $4::text COLLATE "C")
  ORDER BY t1."position" DESC, t1."id"
  LIMIT $1::integer + 1) t3) t2)::text AS answer;
-- $1 constant 50 at most 1000
-- $2 caller id
-- $3 value 0 of the cursor in constant "CANARY"
-- $4 value 1 of the cursor in constant "CANARY"
