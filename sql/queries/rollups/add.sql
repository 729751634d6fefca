-- Adds to the sums of minutes: one array for each column. Nothing is looked up, and no other transaction is waited for.
INSERT INTO rollup_deltas (minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots,
    revenue, payout)
SELECT
    unnest(:minutes::timestamptz[]), unnest(:account_ids::bigint[]), unnest(:offer_ids::bigint[]),
    unnest(:publisher_ids::bigint[]), unnest(:kinds::text[]), unnest(:outcomes::text[]), unnest(:reasons::text[]),
    unnest(:currencies::text[]), unnest(:hits::bigint[]), unnest(:bots::bigint[]),
    unnest(:revenues::text[])::numeric, unnest(:payouts::text[])::numeric
