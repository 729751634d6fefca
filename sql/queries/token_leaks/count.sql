-- Counts tracking links that contained a secure token: one array for each column.
INSERT INTO token_leaks (account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen)
SELECT account_id, offer_id, publisher_id, token_id, clicks, seen_at, seen_at
FROM unnest(:account_ids::bigint[], :offer_ids::bigint[], :publisher_ids::bigint[], :token_ids::bigint[],
        :clicks::bigint[], :seen_at::timestamptz[])
    AS row (account_id, offer_id, publisher_id, token_id, clicks, seen_at)
ORDER BY account_id, offer_id, publisher_id, token_id
ON CONFLICT (account_id, offer_id, publisher_id, token_id) DO UPDATE SET
    clicks = token_leaks.clicks + excluded.clicks,
    last_seen = greatest(token_leaks.last_seen, excluded.last_seen)
