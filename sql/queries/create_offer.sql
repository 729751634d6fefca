-- Adds an offer and answers its id.
INSERT INTO offers (
    account_id, advertiser_id, name, destination, status, currency,
    payout, payout_is_percent, revenue, revenue_is_percent, window_seconds, many_per_click, base_words, ignored_params,
    own_amounts, own_ceiling
) VALUES ($1::bigint, $2::bigint, $3::text, $4::text, $5::text, $6::text,
    $7::numeric, $8::boolean, $9::numeric, $10::boolean, $11::bigint, $12::boolean, $13::text[], $14::text[],
    $15::boolean, $16::numeric)
RETURNING id
