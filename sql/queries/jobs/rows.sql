-- Jobs. Statements that list, show or take them include it.
SELECT id, account_id, act, act_id, filter, per_second, actor, note, state, problem, run, behind, swept, result, under_way, became, followed,
       created_at, started_at, ended_at
FROM jobs
