-- The results of replayed hits: :ids are their dead letters, :last_events the newest event of each before the replay.
-- Returns for each the first death or other outcome since then; hits without one are left out.
SELECT asked.id, ended.event, ended.outcome, ended.reason
FROM unnest(:ids::uuid[], :last_events::bigint[]) AS asked (id, last_event)
CROSS JOIN LATERAL (
    SELECT event, outcome, reason
    FROM dead_letter_events told
    WHERE told.letter_id = asked.id AND told.id > asked.last_event AND event IN ('died', 'resolved')
    ORDER BY told.at, told.id
    LIMIT 1
) AS ended
