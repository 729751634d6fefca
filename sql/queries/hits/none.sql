-- Counts hits of a time in which there were none, so that a sound index of integr8 find excludes all of a day. The table
-- is replaced by the partition of the day: see find.go.
SELECT count(*) FROM hits
WHERE received_at < '1900-01-01Z'
