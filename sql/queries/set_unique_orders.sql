-- Sets the state of an offer with unique orders: account, offer, state, version.
INSERT INTO unique_order_offers (account_id, offer_id, state, began, ended_at)
VALUES ($1::bigint, $2::bigint, $3::text, $4::bigint, CASE WHEN $3::text = 'off' THEN clock_timestamp() END)
ON CONFLICT (account_id, offer_id) DO UPDATE SET state = excluded.state, began = excluded.began, ended_at = excluded.ended_at
