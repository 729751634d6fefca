-- All accounts.
SELECT * FROM accounts ORDER BY id
