-- { todoLists { a: items(first: 1) { id } b: items(first: 1, skip: 1) { id } } }
SELECT (SELECT coalesce(json_agg(t6.item), '[]')
  FROM (SELECT json_build_object('a', (SELECT coalesce(json_agg(t3.item), '[]')
  FROM (SELECT json_build_object('id', t2."id") AS item
  FROM "public"."todo_item" t2
  WHERE t2."list_id" = t1."id" AND (t2."owner_id" = $1::text AND t2."deleted" = FALSE)
  ORDER BY t2."id"
  LIMIT $2::integer OFFSET $3::integer) t3), 'b', (SELECT coalesce(json_agg(t5.item), '[]')
  FROM (SELECT json_build_object('id', t4."id") AS item
  FROM "public"."todo_item" t4
  WHERE t4."list_id" = t1."id" AND (t4."owner_id" = $1::text AND t4."deleted" = FALSE)
  ORDER BY t4."id"
  LIMIT $2::integer OFFSET $4::integer) t5)) AS item
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $5::integer OFFSET $3::integer) t6)::text AS answer;
-- $1 caller id
-- $2 constant 1 at most 1000
-- $3 constant 0 at most 1000000
-- $4 constant 1 at most 1000000
-- $5 constant 50 at most 1000
