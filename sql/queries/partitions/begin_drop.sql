-- Records that a day is about to be dropped.
INSERT INTO dropped_days (parent, day) VALUES (:parent::text, :day::date)
ON CONFLICT (parent, day) DO UPDATE SET begun_at = now(), dropped_at = NULL
