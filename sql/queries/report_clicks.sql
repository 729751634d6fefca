-- Clicks in a period, without those of bots, which is a range of ids so that other days' partitions are not touched, grouped by what the parameter by names.
SELECT account_id,
       CASE CAST(:by AS text) WHEN 'offer' THEN offer_id WHEN 'publisher' THEN publisher_id END AS party,
       CASE CAST(:by AS text) WHEN 'day' THEN to_char(clicked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                WHEN 'sub_id' THEN coalesce(sub_id, '') ELSE '' END AS label,
       count(*) AS clicks
FROM clicks
WHERE transaction_id >= CAST(:low AS uuid) AND transaction_id < CAST(:high AS uuid)
  AND NOT bot
  AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = CAST(:publisher_id AS bigint))
GROUP BY 1, 2, 3
