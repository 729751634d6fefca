-- Records clicks, in the order of their ids: one array a column.
INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6, external_transaction_id, device_id)
SELECT *
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::timestamptz[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
    AS row (transaction_id, account_id)
ORDER BY transaction_id, account_id
ON CONFLICT DO NOTHING
