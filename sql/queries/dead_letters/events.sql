-- The events of these dead letters, in order of time.
SELECT letter_id, at, event, act, actor, note, account_id, from_account_id, outcome, reason, error, attempts
FROM dead_letter_events
WHERE letter_id = ANY (:ids::uuid[])
ORDER BY letter_id, at, id
