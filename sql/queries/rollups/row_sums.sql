-- The sums by minute of the rows of hits, clicks and conversions whose ids are from :low to before :high. The click of a
-- hit has an id of the same moment, from :click_low to before :click_high. A hit that converted is counted by its
-- conversion, which has the same id and which retention keeps. Tests count nowhere.
SELECT date_trunc('minute', h.received_at) AS minute, h.account_id, coalesce(h.offer_id, 0) AS offer_id,
    coalesce(h.publisher_id, 0) AS publisher_id, h.kind, h.outcome, h.reason, '' AS currency,
    count(*) AS hits, count(c.transaction_id) AS bots, 0::numeric AS revenue, 0::numeric AS payout
FROM hits h
LEFT JOIN clicks c ON h.outcome = 'recorded' AND c.transaction_id = h.transaction_id AND c.bot
    AND c.transaction_id >= :click_low::uuid AND c.transaction_id < :click_high::uuid
WHERE h.id >= :low::uuid AND h.id < :high::uuid AND h.outcome <> 'converted' AND NOT h.test
GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT date_trunc('minute', converted_at), account_id, offer_id, publisher_id, method, 'converted', '', currency,
    count(*), 0, sum(revenue), sum(payout)
FROM conversions
WHERE id >= :low::uuid AND id < :high::uuid AND NOT test
GROUP BY 1, 2, 3, 4, 5, 8
