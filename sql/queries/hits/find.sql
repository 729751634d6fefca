-- The newest hits of a day with these keys that a filter selects, with receipts from :first_id to before :end_id, at
-- most :page. Keys that are NULL exclude nothing. OFFSET 0 keeps Postgres from reading the hits by receipt until enough
-- are found: it uses the index of the day, whose cost it overestimates, only because sequential scans are off. A hit is
-- received when its receipt is made: :received_from and :received_to allow a minute of difference. The table is
-- replaced by the partition of the day: see find.go.
SELECT * FROM (
    SELECT id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id, publisher_id,
           encode(uuid_send(transaction_id), 'hex') AS transaction_id, conversion_id, duplicate_of, decided_at, decisions, request, test
    FROM hits
\ir chosen.sql
      AND received_at >= :received_from::timestamptz AND received_at < :received_to::timestamptz
      AND (:ip::bigint IS NULL OR find_ip = :ip::bigint OR find_conversion_ip = :ip::bigint)
      AND (:order_id::bigint IS NULL OR find_order = :order_id::bigint)
      AND (:external_id::bigint IS NULL OR find_external = :external_id::bigint)
      AND (:sub_id::bigint IS NULL OR find_sub = :sub_id::bigint)
      AND (:device_id::bigint IS NULL OR find_device = :device_id::bigint)
      AND (:token::bigint IS NULL OR find_token = :token::bigint)
      AND (:email_hash::bigint IS NULL OR find_email = :email_hash::bigint)
    OFFSET 0
) AS found
WHERE id >= :first_id::uuid AND id < :end_id::uuid
ORDER BY id DESC
LIMIT :page::bigint
