-- The tokens of all accounts that were not imported.
SELECT * FROM tokens WHERE generation IS NOT NULL ORDER BY id
