-- { todoLists { a: items(first: 1) { id } b: items(first: 1, skip: 1) { id } } }
SELECT (SELECT coalesce(json_agg(json_build_object('a', (SELECT coalesce(json_agg(json_build_object('id', t4."id")), '[]')
  FROM (SELECT t3.*
  FROM "public"."todo_item" t3
  WHERE t3."list_id" = t2."id" AND (t3."owner_id" = $1::text AND t3."deleted" = FALSE)
  ORDER BY t3."id"
  LIMIT $4::integer OFFSET $3::integer) t4), 'b', (SELECT coalesce(json_agg(json_build_object('id', t6."id")), '[]')
  FROM (SELECT t5.*
  FROM "public"."todo_item" t5
  WHERE t5."list_id" = t2."id" AND (t5."owner_id" = $1::text AND t5."deleted" = FALSE)
  ORDER BY t5."id"
  LIMIT $4::integer OFFSET $5::integer) t6))), '[]')
  FROM (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t2)::text AS answer;
-- $1 caller id
-- $2 constant 50 at most 1000
-- $3 constant 0 at most 1000000
-- $4 constant 1 at most 1000
-- $5 constant 1 at most 1000000
