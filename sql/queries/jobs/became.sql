-- What became of the hits that an act replayed: of each letter the first death or other outcome since then. Hits without
-- one are left out.
SELECT ended.outcome, ended.reason, ended.event = 'died' AS died_again, count(*) AS hits
FROM dead_letter_events AS replayed
CROSS JOIN LATERAL (
    SELECT event, outcome, reason
    FROM dead_letter_events told
    WHERE told.letter_id = replayed.letter_id AND (told.at, told.id) > (replayed.at, 0) AND told.id <> replayed.id
      AND told.event IN ('died', 'resolved')
    ORDER BY told.at, told.id
    LIMIT 1
) AS ended
WHERE replayed.act = :act_id::uuid AND replayed.event = 'replayed'
GROUP BY 1, 2, 3
ORDER BY hits DESC, 1, 2
