-- Sets the state of an offer with unique orders, as of a version.
INSERT INTO unique_order_offers (account_id, offer_id, state, began, ended_at)
VALUES (:account_id::bigint, :offer_id::bigint, :state::text, :began::bigint,
    CASE WHEN :state::text = 'off' THEN clock_timestamp() END)
ON CONFLICT (account_id, offer_id) DO UPDATE
SET state = excluded.state, began = excluded.began, ended_at = excluded.ended_at
