-- The id of the last of $2 conversions after an id ($1); none when fewer are left.
SELECT id FROM conversions WHERE id > $1::uuid ORDER BY id OFFSET $2::bigint - 1 LIMIT 1
