-- The first and the last click of the conversions in a period, if there is one.
SELECT min(transaction_id::text)::uuid AS click_low, max(transaction_id::text)::uuid AS click_high
FROM conversions
WHERE id >= :low::uuid AND id < :high::uuid
