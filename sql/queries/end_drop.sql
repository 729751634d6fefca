-- Remembers that a day has been dropped: parent, day.
UPDATE dropped_days SET dropped_at = now() WHERE parent = $1::text AND day = $2::date
