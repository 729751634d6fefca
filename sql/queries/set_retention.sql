-- Changes how long something is kept: name, seconds.
UPDATE retention SET seconds = $2::bigint, changed_at = now() WHERE name = $1::text
