-- Whether the history has an act on dead letters, whose id is :object_id.
SELECT EXISTS (SELECT FROM history WHERE noun = :noun::text AND object_id = :object_id::text)
