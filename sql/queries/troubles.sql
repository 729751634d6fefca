-- The most frequent groups of hits ($3 at most) with one of the reasons ($2) since the receipt $1.
SELECT account_id, kind, reason,
       coalesce(token_id, 0) AS token_id, coalesce(offer_id, 0) AS offer_id, coalesce(publisher_id, 0) AS publisher_id,
       count(*) AS hits, max(received_at) AS last_seen
FROM hits
WHERE id >= $1::uuid AND reason = ANY ($2::text[])
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY hits DESC, last_seen DESC
LIMIT $3::bigint
