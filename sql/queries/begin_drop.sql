-- Remembers that a day is about to be dropped: parent, day.
INSERT INTO dropped_days (parent, day) VALUES ($1::text, $2::date)
ON CONFLICT (parent, day) DO UPDATE SET begun_at = now(), dropped_at = NULL
