-- The clicks of these transaction_ids, whatever the account.
SELECT transaction_id, account_id, offer_id, publisher_id, clicked_at
FROM clicks WHERE transaction_id = ANY ($1::uuid[])
