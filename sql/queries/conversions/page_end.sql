-- The id of the last of :page conversions after :after_id; none when fewer are left.
SELECT id FROM conversions WHERE id > :after_id::uuid ORDER BY id OFFSET :page::bigint - 1 LIMIT 1
