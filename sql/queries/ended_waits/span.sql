-- The first and the last click among those of the ended waits, and the first and the last hit.
SELECT coalesce(min(transaction_id::text), '00000000-0000-0000-0000-000000000000')::uuid AS first_click,
    coalesce(max(transaction_id::text), '00000000-0000-0000-0000-000000000000')::uuid AS last_click,
    coalesce(min(hit_id::text), '00000000-0000-0000-0000-000000000000')::uuid AS first_hit,
    coalesce(max(hit_id::text), '00000000-0000-0000-0000-000000000000')::uuid AS last_hit
FROM ended_waits
