-- Adds a tracking domain: account, host. No row, and no id drawn, where there is no such account or the host is taken.
INSERT INTO domains (account_id, host)
SELECT accounts.id, $2::text
FROM accounts
WHERE accounts.id = $1::bigint AND NOT EXISTS (SELECT FROM domains WHERE domains.host = $2::text)
FOR KEY SHARE OF accounts
RETURNING *
