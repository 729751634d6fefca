-- One advertiser of an account.
SELECT * FROM advertisers WHERE account_id = :account_id::bigint AND id = :id::bigint
