-- Adds an offer and returns its id. No row, and no id drawn, where the account has no such advertiser.
INSERT INTO offers (
    account_id, advertiser_id, name, destination, status, currency,
    payout, payout_is_percent, revenue, revenue_is_percent, window_seconds, many_per_click, base_words, ignored_params,
    own_amounts, own_ceiling
)
SELECT account_id, id, $3::text, $4::text, $5::text, $6::text,
    $7::numeric, $8::boolean, $9::numeric, $10::boolean, $11::bigint, $12::boolean, $13::text[], $14::text[],
    $15::boolean, $16::numeric
FROM advertisers
WHERE account_id = $1::bigint AND id = $2::bigint
FOR KEY SHARE
RETURNING id
