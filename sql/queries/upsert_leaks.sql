-- Counts tracking links that carried a secure token.
INSERT INTO token_leaks (account_id, offer_id, publisher_id, clicks, first_seen, last_seen)
SELECT account_id, offer_id, publisher_id, clicks, seen_at, seen_at
FROM json_to_recordset($1) AS row (account_id bigint, offer_id bigint, publisher_id bigint, clicks bigint, seen_at timestamptz)
ORDER BY account_id, offer_id, publisher_id
ON CONFLICT (account_id, offer_id, publisher_id) DO UPDATE SET
    clicks = token_leaks.clicks + excluded.clicks,
    last_seen = greatest(token_leaks.last_seen, excluded.last_seen)
