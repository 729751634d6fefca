-- Records that a day has been dropped.
UPDATE dropped_days SET dropped_at = now() WHERE parent = :parent::text AND day = :day::date
