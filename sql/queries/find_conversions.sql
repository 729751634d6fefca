-- The conversions that stand in the way of new ones: by key, or by id when
-- the same hit is handled again.
SELECT id, account_id, dedup_key, route FROM conversions WHERE dedup_key = ANY ($1::uuid[])
UNION
SELECT id, account_id, dedup_key, route FROM conversions WHERE id = ANY ($2::uuid[])
