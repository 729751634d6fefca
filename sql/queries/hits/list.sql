-- One page of the hits that a filter selects, with receipts from :first_id to before :end_id, the newest first.
SELECT id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id, publisher_id,
       encode(uuid_send(transaction_id), 'hex') AS transaction_id, conversion_id, duplicate_of, decided_at, decisions, request, test
FROM hits
\ir chosen.sql
  AND id >= :first_id::uuid AND id < :end_id::uuid
ORDER BY id DESC
LIMIT :page::bigint
