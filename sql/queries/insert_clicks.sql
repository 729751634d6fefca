-- Records clicks, in the order of their ids: one array a column.
INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6, external_transaction_id, device_id, bot)
SELECT unnest($1::uuid[]), unnest($2::bigint[]), unnest($3::uuid[]), unnest($4::bigint[]), unnest($5::bigint[]),
    unnest($6::timestamptz[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]),
    unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), unnest($14::text[]),
    unnest($15::boolean[])
ON CONFLICT DO NOTHING
