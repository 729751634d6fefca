-- Adds an operator's act (:event) to dead letters that the caller has locked. :act is the id of the command, :actor the
-- operator, :note the operator's note; one array for each column holds the letters as they were read. A letter that has
-- not changed since then gets the new status and is returned; a letter that died again meanwhile keeps its own status.
-- A replay is added all the same, because its hit was published: at its time, before the later events. When a discard
-- is undone, the letter is resolved if the hit has got another outcome since it was discarded, and has not died again
-- after that: a wait can end like that.
WITH seen AS (
    SELECT * FROM unnest(:ids::uuid[], :died_at::timestamptz[], :deaths::bigint[], :statuses::text[], :last_events::bigint[])
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
            WHERE NOT unchanged AND since.letter_id = locked.id AND since.id > last_event AND since.act IS DISTINCT FROM :act::uuid
        ), clock_timestamp()), :event::text, :act::uuid, :actor::text, :note::text, account_id
    FROM locked
    WHERE unchanged OR :event::text = 'replayed'
)
UPDATE dead_letters SET status_at = now(), status = CASE :event::text
    WHEN 'undone' THEN CASE WHEN (
        SELECT event FROM dead_letter_events
        WHERE letter_id = dead_letters.id AND event IN ('discarded', 'resolved', 'copy_died')
        ORDER BY at DESC, id DESC
        LIMIT 1
    ) = 'resolved' THEN 'resolved' ELSE 'open' END
    ELSE :event::text END
FROM locked
WHERE dead_letters.id = locked.id AND unchanged
RETURNING dead_letters.id, dead_letters.status
