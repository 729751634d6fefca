-- Has postbacks wait for their click: one array a column. $4 is the end of the late-click window, by the receiver's
-- clock; $5 is for how many milliseconds from now, by the database's clock, the postback waits at least. A postback that
-- waits already never waits less long than before.
INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
SELECT transaction_id, account_id, hit_id, greatest(window_end, now() + at_least * interval '1 millisecond')
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::bigint[])
    AS row (transaction_id, account_id, hit_id, window_end, at_least)
ORDER BY transaction_id, account_id, hit_id
ON CONFLICT (transaction_id, account_id, hit_id) DO UPDATE
SET waits_until = greatest(waiting_postbacks.waits_until, excluded.waits_until)
