-- The newest act of discarding with at least one letter that is still discarded.
SELECT told.act
FROM dead_letter_events told JOIN dead_letters letter ON letter.id = told.letter_id
WHERE told.event = 'discarded' AND told.act IS NOT NULL AND letter.status = 'discarded'
ORDER BY told.id DESC
LIMIT 1
