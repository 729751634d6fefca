-- Makes postbacks wait for their click: one array for each column. :window_ends are the ends of the late-click window,
-- by the receiver's clock. :at_least_ms is the shortest wait in milliseconds, from now by the database's clock. It
-- never shortens the wait of a postback that waits already.
INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
SELECT transaction_id, account_id, hit_id, greatest(window_end, now() + at_least_ms * interval '1 millisecond')
FROM unnest(:transaction_ids::uuid[], :account_ids::bigint[], :hit_ids::uuid[], :window_ends::timestamptz[], :at_least_ms::bigint[])
    AS row (transaction_id, account_id, hit_id, window_end, at_least_ms)
ORDER BY transaction_id, account_id, hit_id
ON CONFLICT (transaction_id, account_id, hit_id) DO UPDATE
SET waits_until = greatest(waiting_postbacks.waits_until, excluded.waits_until)
