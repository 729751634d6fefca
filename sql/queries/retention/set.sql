-- Changes the retention of one kind of data.
UPDATE retention SET seconds = :seconds::bigint, changed_at = now() WHERE name = :name::text
