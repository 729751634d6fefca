-- What became of replayed hits: $1 are the ids of their dead letters, $2 the newest event of each before. Of each the
-- first death or other outcome since; those of which nothing was heard are left out.
SELECT asked.id, ended.event, ended.outcome, ended.reason
FROM unnest($1::uuid[], $2::bigint[]) AS asked (id, last_event)
CROSS JOIN LATERAL (
    SELECT event, outcome, reason
    FROM dead_letter_events told
    WHERE told.letter_id = asked.id AND told.id > asked.last_event AND event IN ('died', 'resolved')
    ORDER BY told.at, told.id
    LIMIT 1
) AS ended
