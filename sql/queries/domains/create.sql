-- Adds a tracking domain. Without such an account, or when the host exists, it returns no row, and uses up no id.
INSERT INTO domains (account_id, host)
SELECT accounts.id, :host::text
FROM accounts
WHERE accounts.id = :account_id::bigint AND NOT EXISTS (SELECT FROM domains WHERE domains.host = :host::text)
FOR KEY SHARE OF accounts
RETURNING *
