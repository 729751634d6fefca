-- Deletes requests that are older than a day.
DELETE FROM creations WHERE created_at < now() - interval '1 day'
