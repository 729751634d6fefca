-- The names of the offers, with their advertisers, of the publishers and of the advertisers, as the flags say.
SELECT 'offer' AS what, account_id, id, name, advertiser_id FROM offers WHERE :offers::boolean
UNION ALL
SELECT 'publisher', account_id, id, name, 0 FROM publishers WHERE :publishers::boolean
UNION ALL
SELECT 'advertiser', account_id, id, name, 0 FROM advertisers WHERE :advertisers::boolean
