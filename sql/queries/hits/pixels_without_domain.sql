-- Accounts without a tracking domain whose tokens came by a pixel since the receipt :first_id.
SELECT DISTINCT account_id
FROM hits
WHERE id >= :first_id::uuid AND kind = 'pixel' AND account_id <> 0
  AND NOT EXISTS (SELECT FROM domains WHERE domains.account_id = hits.account_id)
ORDER BY account_id
