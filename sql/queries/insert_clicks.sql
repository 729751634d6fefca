-- Records clicks, in the order of their ids: $1 is a JSON array of rows.
INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6, external_transaction_id, device_id)
SELECT transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6, external_transaction_id, device_id
FROM json_populate_recordset(NULL::clicks, $1)
ORDER BY transaction_id, account_id
ON CONFLICT DO NOTHING
