-- Tells what an operator did ($1) to dead letters that the caller has locked: $2 is the command that did it, $3 who, $4
-- his note; one array a column says what was read of each. A letter that still is as it was read takes the status that
-- follows and is returned; one that died again meanwhile keeps its own. A replay is told all the same, because its hit
-- was published: in its place, before what has happened since. What is undone is resolved where the hit has come to
-- another outcome since it was discarded, and has not died again after that: a wait ends so.
WITH seen AS (
    SELECT * FROM unnest($5::uuid[], $6::timestamptz[], $7::bigint[], $8::text[], $9::bigint[])
        AS row (id, died_at, deaths, status, last_event)
), locked AS (
    SELECT id, letter.account_id, last_event,
           letter.died_at = seen.died_at AND letter.deaths = seen.deaths AND letter.status = seen.status AS unchanged
    FROM dead_letters letter JOIN seen USING (id)
), told AS (
    INSERT INTO dead_letter_events (letter_id, at, event, act, actor, note, account_id)
    SELECT id, coalesce((
            SELECT min(since.at) - interval '1 microsecond'
            FROM dead_letter_events since
            WHERE NOT unchanged AND since.letter_id = locked.id AND since.id > last_event AND since.act IS DISTINCT FROM $2::uuid
        ), clock_timestamp()), $1::text, $2::uuid, $3::text, $4::text, account_id
    FROM locked
    WHERE unchanged OR $1::text = 'replayed'
)
UPDATE dead_letters SET status_at = now(), status = CASE $1::text
    WHEN 'undone' THEN CASE WHEN (
        SELECT event FROM dead_letter_events
        WHERE letter_id = dead_letters.id AND event IN ('discarded', 'resolved', 'copy_died')
        ORDER BY at DESC, id DESC
        LIMIT 1
    ) = 'resolved' THEN 'resolved' ELSE 'open' END
    ELSE $1::text END
FROM locked
WHERE dead_letters.id = locked.id AND unchanged
RETURNING dead_letters.id, dead_letters.status
