-- When a migration was applied, and the first one.
SELECT min(tstamp) FILTER (WHERE version_id = :version::bigint) AS applied, min(tstamp) FILTER (WHERE version_id = 1) AS first
FROM goose_db_version
WHERE is_applied
