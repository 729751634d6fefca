-- The first and the last click that postbacks waited for whose wait has ended.
SELECT coalesce(min(transaction_id::text), '00000000-0000-0000-0000-000000000000')::uuid AS first,
    coalesce(max(transaction_id::text), '00000000-0000-0000-0000-000000000000')::uuid AS last
FROM ended_waits
