-- The postbacks that wait for these clicks, as they were received.
SELECT h.request FROM waiting_postbacks w
JOIN hits h ON h.id = w.hit_id AND h.account_id = w.account_id
WHERE w.transaction_id = ANY ($1::uuid[])
