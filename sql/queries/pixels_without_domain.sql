-- Accounts without a tracking domain whose tokens came in by a pixel since the receipt $1.
SELECT DISTINCT account_id
FROM hits
WHERE id >= $1::uuid AND kind = 'pixel' AND account_id <> 0
  AND NOT EXISTS (SELECT FROM domains WHERE domains.account_id = hits.account_id)
ORDER BY account_id
