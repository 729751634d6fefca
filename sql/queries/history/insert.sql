-- Adds a change to the history. The caller holds the lock of sessions/lock_reference, so that ids ascend in the order of
-- the commits.
INSERT INTO history (actor, account_id, noun, object_id, act, old_values, new_values)
VALUES (:actor::text, :account_id::bigint, :noun::text, :object_id::text, :act::text, :old_values::jsonb, :new_values::jsonb)
