-- The dead letters that a filter selects. dead_letters/newest and dead_letters/oldest include it.
SELECT id, account_id, kind, outcome, reason, error, offer_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id,
       received_at, died_at, deaths, status, status_at, payload, surplus, test,
       publisher_id, coalesce(text(network), '') AS network,
       (SELECT t.id FROM tokens t WHERE t.digest = dead_letters.token_digest) AS token_id,
       coalesce((SELECT max(told.id) FROM dead_letter_events told WHERE told.letter_id = dead_letters.id), 0) AS last_event,
\ir state.sql
       AS state
FROM dead_letters
\ir chosen.sql
