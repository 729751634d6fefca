-- The offers of an account (0: of all), with an id (0: all).
\ir rows.sql
WHERE (:account_id::bigint = 0 OR account_id = :account_id::bigint) AND (:id::bigint = 0 OR id = :id::bigint)
ORDER BY id
