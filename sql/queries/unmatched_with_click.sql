-- How many postbacks are unmatched although their click is there. OFFSET 0 has each click looked up by its id.
SELECT count(*)
FROM ended_waits AS w
WHERE EXISTS (SELECT FROM clicks AS c WHERE c.transaction_id = w.transaction_id OFFSET 0)
