-- One page of the history, the newest first, before the row :before_id (0: from the newest on). Zeros and empty texts
-- exclude nothing.
SELECT id, at, actor, account_id, noun, object_id, act, old_values, new_values
FROM history
WHERE (:before_id::bigint = 0 OR id < :before_id::bigint)
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:noun::text = '' OR noun = :noun::text)
  AND (:object_id::text = '' OR object_id = :object_id::text)
  AND (:part_of_actor::text = '' OR position(lower(:part_of_actor::text) IN lower(actor)) > 0)
  AND (:actor::text = '' OR actor = :actor::text)
  AND at >= coalesce(:since::timestamptz, '-infinity')
  AND at <= coalesce(:until::timestamptz, 'infinity')
ORDER BY id DESC
LIMIT :page::bigint
