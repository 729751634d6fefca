-- The sums, by quarter hour and for each grain: see the table rollups.
SELECT minute::date AS day, (extract(epoch FROM minute)::bigint % 86400 / 900)::smallint AS slot,
    (3 - GROUPING(offer_id, publisher_id))::smallint AS grain,
    account_id, coalesce(offer_id, 0) AS offer_id, coalesce(publisher_id, 0) AS publisher_id, kind, outcome, reason, currency,
    sum(hits) AS hits, sum(bots) AS bots, sum(revenue) AS revenue, sum(payout) AS payout
FROM sums
GROUP BY 1, 2, account_id, kind, outcome, reason, currency,
    GROUPING SETS ((offer_id, publisher_id), (offer_id), (publisher_id), ())
