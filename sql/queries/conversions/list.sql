-- One page of the conversions that a filter selects, with ids from :first_id to before :end_id, the newest first. Zeros,
-- empty texts and NULL exclude nothing. Without :tests it excludes tests.
SELECT id, account_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id, offer_id, publisher_id, event, status,
       method, route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
       sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6, adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
       host(conversion_ip) AS conversion_ip, session_time, user_agent, user_email_hash, device_id, purchase_value,
       clicked_at, host(click_ip) AS click_ip, click_user_agent, test
FROM conversions
WHERE id >= :first_id::uuid AND id < :end_id::uuid
  AND (:tests::boolean OR NOT test)
  AND (cardinality(:ids::uuid[]) = 0 OR id = ANY (:ids::uuid[]))
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
  AND (:kind::text = '' OR method = :kind::text)
  AND (:status::text = '' OR status = :status::text)
  AND (:event::text = '' OR event = :event::text)
  AND (:currency::text = '' OR currency = :currency::text)
  AND (:order_id::text = '' OR order_id = :order_id::text)
  AND (:external_id::text = '' OR external_transaction_id = :external_id::text)
  AND (:sub_id::text = '' OR sub_id = :sub_id::text)
  AND (:device_id::text = '' OR device_id = :device_id::text)
  AND (:ip::inet IS NULL OR conversion_ip = :ip::inet OR click_ip = :ip::inet)
  AND (:email_hash::text = '' OR user_email_hash = :email_hash::text)
ORDER BY id DESC
LIMIT :page::bigint
