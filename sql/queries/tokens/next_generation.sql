-- The next generation of an account's tokens for one offer (0: for all) and purpose.
SELECT coalesce(max(generation), 0) + 1
FROM tokens
WHERE account_id = :account_id::bigint AND coalesce(offer_id, 0) = :offer_id::bigint AND purpose = :purpose::text
