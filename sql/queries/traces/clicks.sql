-- The clicks of these transaction_ids with the parts of the request that their hits hold. OFFSET 0 makes Postgres look
-- up the hits by id, each only in the partition of its day: all ids are from :first_hit to before :end_hit.
SELECT encode(uuid_send(c.transaction_id), 'hex') AS transaction_id, c.account_id, c.hit_id, c.offer_id, c.publisher_id,
       c.clicked_at, c.bot, c.test,
       json_strip_nulls(json_build_object(
           'sub_id', sub_id, 'sub_id_2', sub_id_2, 'sub_id_3', sub_id_3,
           'sub_id_4', sub_id_4, 'sub_id_5', sub_id_5, 'sub_id_6', sub_id_6,
           'external_transaction_id', external_transaction_id, 'device_id', device_id)) AS parameters,
       coalesce(h.outcome, '') AS outcome,
       coalesce(h.request ->> 'destination', '') AS destination,
       coalesce(h.request ->> 'client_ip', '') AS client_ip,
       coalesce(h.request ->> 'user_agent', '') AS user_agent,
       coalesce(h.request ->> 'referer', '') AS referer,
       coalesce(h.request ->> 'token_leaked' = 'true', false) AS token_leaked,
       coalesce(h.request -> 'notes', '[]') AS notes
FROM clicks c
LEFT JOIN LATERAL (
    SELECT outcome, request FROM hits WHERE id = c.hit_id AND id >= :first_hit::uuid AND id < :end_hit::uuid OFFSET 0
) AS h ON true
WHERE c.transaction_id = ANY (:transaction_ids::uuid[])
ORDER BY c.clicked_at, c.transaction_id, c.account_id
