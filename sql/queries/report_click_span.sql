-- The first and the last click of the conversions in a period, if there is one.
SELECT CAST(min(CAST(transaction_id AS text)) AS uuid) AS click_low, CAST(max(CAST(transaction_id AS text)) AS uuid) AS click_high
FROM conversions
WHERE id >= CAST(:low AS uuid) AND id < CAST(:high AS uuid)
