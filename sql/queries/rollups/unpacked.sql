-- What each slot of the rows of gone adds, by slot and key: the reverse of packed.sql.
SELECT gone.day, s.slot, gone.grain, gone.account_id, gone.offer_id, gone.publisher_id, gone.kind, gone.outcome, gone.reason, gone.currency,
    sum(s.hits - coalesce(gone.hits[(s.place - 1)::integer], 0)) AS hits,
    sum(coalesce(s.bots, 0) - coalesce(gone.bots[(s.place - 1)::integer], 0)) AS bots,
    sum(coalesce(s.revenue, 0) - coalesce(gone.revenue[(s.place - 1)::integer], 0)) AS revenue,
    sum(coalesce(s.payout, 0) - coalesce(gone.payout[(s.place - 1)::integer], 0)) AS payout
FROM gone
CROSS JOIN LATERAL unnest(gone.slots, gone.hits, gone.bots, gone.revenue, gone.payout)
    WITH ORDINALITY AS s (slot, hits, bots, revenue, payout, place)
GROUP BY gone.day, s.slot, gone.grain, gone.account_id, gone.offer_id, gone.publisher_id, gone.kind, gone.outcome, gone.reason, gone.currency
HAVING sum(s.hits - coalesce(gone.hits[(s.place - 1)::integer], 0)) <> 0
    OR sum(coalesce(s.bots, 0) - coalesce(gone.bots[(s.place - 1)::integer], 0)) <> 0
    OR sum(coalesce(s.revenue, 0) - coalesce(gone.revenue[(s.place - 1)::integer], 0)) <> 0
    OR sum(coalesce(s.payout, 0) - coalesce(gone.payout[(s.place - 1)::integer], 0)) <> 0
