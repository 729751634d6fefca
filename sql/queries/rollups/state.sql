-- How far the roll-ups are, and the first minute with hits that is not folded yet.
SELECT now() AS now, folded_until, months_until, complete_from,
    (SELECT min(minute) FROM rollup_minutes WHERE minute >= folded_until) AS next_minute
FROM rollup_state
