-- The condition of a filter on dead letters, in which zeros and empty texts exclude nothing. Statements that list or
-- count dead letters include it. A text is looked for in the payload, where it has the form of JSON (:text), and in the
-- error (:text_of_error); of its letters only ASCII ones match in the other case.
WHERE (cardinality(:ids::uuid[]) = 0 OR id = ANY (:ids::uuid[]))
  AND (cardinality(:statuses::text[]) = 0 OR status = ANY (:statuses::text[]))
  AND (:replayed::text = '' OR status <> 'replayed'
       OR (status_at < now() - make_interval(secs => :silence::double precision)) = (:replayed::text = 'silent'))
  AND (:act::uuid IS NULL
       OR id IN (SELECT letter_id FROM dead_letter_events WHERE act = :act::uuid AND act IS NOT NULL))
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:reason::text = '' OR reason = :reason::text)
  AND (:kind::text = '' OR kind = :kind::text)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND (:token_id::bigint = 0 OR token_digest IN (SELECT digest FROM tokens WHERE id = :token_id::bigint))
  AND (:digest_prefix::bytea IS NULL OR substring(token_digest FROM 1 FOR length(:digest_prefix::bytea)) = :digest_prefix::bytea)
  AND (:advertiser_id::bigint = 0
       OR (account_id, offer_id) IN (SELECT account_id, id FROM offers WHERE advertiser_id = :advertiser_id::bigint))
  AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
  AND (:network::text = '' OR network = nullif(:network::text, '')::cidr)
  AND (:text::bytea IS NULL
       OR position(lower(encode(:text::bytea, 'escape') COLLATE "C") IN lower(encode(payload, 'escape') COLLATE "C")) > 0
       OR position(lower(encode(:text_of_error::bytea, 'escape') COLLATE "C") IN lower(encode(convert_to(error, 'UTF8'), 'escape') COLLATE "C")) > 0)
  AND (:since::timestamptz IS NULL OR died_at >= :since::timestamptz)
  AND (:until::timestamptz IS NULL OR died_at <= :until::timestamptz)
