-- The account of an advertiser.
SELECT account_id FROM advertisers WHERE id = :id::bigint
