-- { todoLists { name @include(if: false) } }
SELECT (SELECT coalesce(json_agg('{}'::json), '[]')
  FROM (SELECT t1.*
  FROM "public"."todo_list" t1
  WHERE t1."owner_id" = $1::text
  ORDER BY t1."id"
  LIMIT $2::integer OFFSET $3::integer) t2)::text AS answer;
-- $1 caller id
-- $2 constant 50 at most 1000
-- $3 constant 0 at most 1000000
