-- Records what a receiver knows of its topics, one array for each column, and returns when it sent the newest statement
-- of each that has passed.
INSERT INTO book_streams (incarnation, topic, home, began_at, receiver, promised_to, withdrawn, spooled, sent_at,
    lag_ms, reported_at, ended)
SELECT incarnation, topic, home, began_at, :receiver::text, promised_to, withdrawn::bigint[], spooled, sent_at, lag_ms, now(), ended
FROM unnest(:incarnations::bigint[], :topics::text[], :homes::uuid[], :began_at::timestamptz[], :promised_to::bigint[],
    :withdrawn::text[], :spooled::bigint[], :sent_at::timestamptz[], :lag_ms::bigint[], :ended::boolean[])
    AS row (incarnation, topic, home, began_at, promised_to, withdrawn, spooled, sent_at, lag_ms, ended)
ORDER BY incarnation, topic
ON CONFLICT (incarnation, topic) DO UPDATE
SET receiver = excluded.receiver, promised_to = excluded.promised_to, withdrawn = excluded.withdrawn, spooled = excluded.spooled,
    sent_at = excluded.sent_at, lag_ms = excluded.lag_ms, reported_at = excluded.reported_at, ended = excluded.ended
RETURNING topic, passed_sent_at
