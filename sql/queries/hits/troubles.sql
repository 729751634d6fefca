-- The most frequent groups of hits, at most :most, with one of the reasons since the receipt :first_id, without tests. The statement
-- finds the hits through their dead letters, because hits have no index by reason. OFFSET 0 makes Postgres look up the
-- hits by id and not scan them.
SELECT h.account_id, h.kind, h.reason,
       coalesce(h.token_id, 0) AS token_id, coalesce(h.offer_id, 0) AS offer_id, coalesce(h.publisher_id, 0) AS publisher_id,
       count(*) AS hits, max(h.received_at) AS last_seen
FROM dead_letters d
CROSS JOIN LATERAL (
    SELECT account_id, kind, reason, token_id, offer_id, publisher_id, received_at FROM hits
    WHERE id = d.id AND id >= :first_id::uuid AND NOT test
    OFFSET 0
) AS h
WHERE d.id >= :first_id::uuid AND h.reason = ANY (:reasons::text[])
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY hits DESC, last_seen DESC
LIMIT :most::bigint
