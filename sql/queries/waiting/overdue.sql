-- The number of postbacks that still wait although their wait ended before a time, and the earliest of these ends.
SELECT count(*) AS count, min(waits_until) AS oldest FROM waiting_postbacks WHERE waits_until < :before::timestamptz
