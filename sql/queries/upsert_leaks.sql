-- Counts tracking links that carried a secure token: one array a column.
INSERT INTO token_leaks (account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen)
SELECT account_id, offer_id, publisher_id, token_id, clicks, seen_at, seen_at
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[])
    AS row (account_id, offer_id, publisher_id, token_id, clicks, seen_at)
ORDER BY account_id, offer_id, publisher_id, token_id
ON CONFLICT (account_id, offer_id, publisher_id, token_id) DO UPDATE SET
    clicks = token_leaks.clicks + excluded.clicks,
    last_seen = greatest(token_leaks.last_seen, excluded.last_seen)
