-- A job of an account (0: of any).
\ir rows.sql
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
