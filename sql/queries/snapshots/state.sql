-- What says whether reference data has changed since a row of the history, :cursor_id (0 for none): the time of that row
-- (NULL when there is none), the last row, and the revision of changes without a row. With the days of clicks that
-- retention has dropped, in days since 1970, and the time at which the transaction began.
SELECT now() AS loaded_at, revision, coalesce(last.id, 0) AS last_id, last.at AS last_at, known.at AS cursor_at, ARRAY(
    SELECT (day - date '1970-01-01')::bigint FROM dropped_days
    WHERE parent = 'clicks' AND dropped_at IS NOT NULL
    ORDER BY 1
) AS dropped_click_days
FROM reference_revision
LEFT JOIN LATERAL (SELECT id, at FROM history ORDER BY id DESC LIMIT 1) AS last ON true
LEFT JOIN history AS known ON known.id = :cursor_id::bigint
