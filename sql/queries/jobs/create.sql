-- Adds a job. Of one that is :followed from the beginning there are no hits to follow.
INSERT INTO jobs (account_id, act, act_id, filter, per_second, actor, note, result, followed)
VALUES (:account_id::bigint, :act::text, :act_id::uuid, :filter::jsonb, :per_second::double precision, :actor::text, :note::text,
    :result::jsonb, :followed::boolean)
RETURNING id
