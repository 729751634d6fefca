-- Deletes at most :most rows of minutes from before :kept_from that have been folded.
DELETE FROM rollup_minutes
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM rollup_minutes
    WHERE minute < least(:kept_from::timestamptz, (SELECT folded_until FROM rollup_state))
    ORDER BY minute
    LIMIT :most::bigint))
