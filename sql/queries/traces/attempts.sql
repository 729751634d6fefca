-- The failed attempts at hits with these receipts, and at those that name these transaction_ids, in order of time.
SELECT hit_id, transaction_id, account_id, kind, topic, attempt, error, failed_at, next_at
FROM failed_attempts
WHERE hit_id = ANY (:ids::uuid[]) OR transaction_id = ANY (:transaction_ids::uuid[])
ORDER BY failed_at, hit_id
