-- Records attempts that failed: one array for each column.
INSERT INTO failed_attempts (hit_id, transaction_id, account_id, kind, topic, attempt, error, failed_at, next_at)
SELECT * FROM unnest(:hit_ids::uuid[], :transaction_ids::uuid[], :account_ids::bigint[], :kinds::text[], :topics::text[],
    :attempts::integer[], :errors::text[], :failed_at::timestamptz[], :next_at::timestamptz[])
