-- The senders of the dead letters that a filter selects: for each reason, and for tokens (kind 7), advertisers (11),
-- publishers (13) and networks (14), the :groups with the most letters, with the number of all such groups and of their
-- letters. The advertiser is that of the offer now. Letters without such a sender are one group. The transaction has
-- memory enough to count in hash tables: sorted, a million letters take ten times as long. Reasons are sorted by their
-- bytes for the same reason.
WITH chosen AS (
    SELECT reason, account_id, offer_id, token_digest, publisher_id, network, died_at
    FROM dead_letters
\ir chosen.sql
), sent AS (
    SELECT reason COLLATE "C" AS reason, died_at, token_digest, o.advertiser_id, publisher_id, network,
        CASE WHEN token_digest IS NOT NULL THEN chosen.account_id END AS of_token,
        CASE WHEN o.advertiser_id IS NOT NULL THEN chosen.account_id END AS of_advertiser,
        CASE WHEN publisher_id IS NOT NULL THEN chosen.account_id END AS of_publisher
    FROM chosen LEFT JOIN offers o ON o.account_id = chosen.account_id AND o.id = chosen.offer_id
), counted AS (
    SELECT reason, GROUPING(token_digest, advertiser_id, publisher_id, network) AS kind,
        coalesce(of_token, of_advertiser, of_publisher) AS account_id, token_digest, advertiser_id, publisher_id, network,
        count(*) AS letters, min(died_at) AS oldest, max(died_at) AS newest
    FROM sent
    GROUP BY GROUPING SETS ((reason, of_token, token_digest), (reason, of_advertiser, advertiser_id),
        (reason, of_publisher, publisher_id), (reason, network))
), ranked AS (
    SELECT *, row_number() OVER most AS place, count(*) OVER of_kind AS of_groups, sum(letters) OVER of_kind AS of_letters
    FROM counted
    WINDOW of_kind AS (PARTITION BY reason, kind),
        most AS (PARTITION BY reason, kind ORDER BY letters DESC, newest DESC, publisher_id, advertiser_id, token_digest, network)
)
SELECT r.reason, r.kind, coalesce(t.account_id, r.account_id, 0) AS account_id, coalesce(t.id, r.advertiser_id, r.publisher_id) AS id,
    coalesce(a.name, p.name, '') AS name, coalesce(encode(r.token_digest, 'hex'), '') AS token_digest,
    coalesce(text(r.network), '') AS network, r.letters, r.oldest, r.newest, r.of_groups, r.of_letters::bigint AS of_letters
FROM ranked r
LEFT JOIN tokens t ON t.digest = r.token_digest
LEFT JOIN advertisers a ON a.account_id = r.account_id AND a.id = r.advertiser_id
LEFT JOIN publishers p ON p.account_id = r.account_id AND p.id = r.publisher_id
WHERE r.place <= :groups::bigint
ORDER BY r.reason, r.kind, r.place
