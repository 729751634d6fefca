-- Counts the postbacks that wait for their click.
SELECT count(*) FROM waiting_postbacks
