-- Takes a replay whose hits are due to be looked at; another process leaves it out for a minute.
UPDATE jobs SET follow_at = now() + interval '1 minute'
WHERE id = (
    SELECT id FROM jobs
    WHERE NOT followed AND follow_at <= now() AND started_at IS NOT NULL
    ORDER BY follow_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, act_id
