-- { todoLists { name items(first: 3) { text list { name items { id } } } } }
SELECT (SELECT coalesce(json_agg(t7.item), '[]')
  FROM (SELECT json_build_object('name', t1."name", 'items', (SELECT coalesce(json_agg(t6.item), '[]')
  FROM (SELECT json_build_object('text', t2."text", 'list', (SELECT json_build_object('name', t3."name", 'items', (SELECT coalesce(json_agg(t5.item), '[]')
  FROM (SELECT json_build_object('id', t4."id") AS item
  FROM "public"."todo_item" t4
  WHERE t4."list_id" = t3."id" AND (t4."owner_id" = $1::text AND t4."deleted" = FALSE)
  ORDER BY t4."id"
  LIMIT $2::integer OFFSET $3::integer) t5))
  FROM "public"."todo_list" t3
  WHERE t3."id" = t2."list_id" AND t3."owner_id" = $1::text)) AS item
  FROM "public"."todo_item" t2
  WHERE t2."list_id" = t1."id" AND (t2."owner_id" = $1::text AND t2."deleted" = FALSE)
  ORDER BY t2."id"
  LIMIT $4::integer OFFSET $3::integer) t6)) AS item
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t7)::text AS answer;
-- $1 caller id
-- $2 constant 50 at most 1000
-- $3 constant 0 at most 1000000
-- $4 constant 3 at most 1000
