-- Clicks in a period, which is a range of ids so that other days' partitions are not touched, grouped by what the parameter by names.
SELECT account_id,
       CASE :by WHEN 'offer' THEN offer_id WHEN 'publisher' THEN publisher_id END AS party,
       CASE :by WHEN 'day' THEN to_char(clicked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                WHEN 'sub_id' THEN coalesce(sub_id, '') ELSE '' END AS label,
       count(*) AS clicks
FROM clicks
WHERE transaction_id >= :low AND transaction_id < :high
  AND (CAST(:account_id AS bigint) = 0 OR account_id = :account_id)
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = :offer_id)
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = :publisher_id)
GROUP BY 1, 2, 3
