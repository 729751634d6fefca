-- Earlier decisions about these hits. The rows are locked, in order, so that two transactions that decide the same hit
-- again do so one after the other. :ids is in ascending order, so that the planner excludes days before its first and
-- after its last id. The literal ids are replaced by the bounds of an era: see era.go.
SELECT id, received_at, account_id, coalesce(offer_id, 0) AS offer_id, coalesce(publisher_id, 0) AS publisher_id, kind,
       outcome, reason, test
FROM hits
WHERE id = ANY (:ids::uuid[])
  AND id BETWEEN (:ids::uuid[])[1] AND (:ids::uuid[])[cardinality(:ids::uuid[])]
  AND id BETWEEN '00000000-0000-0000-0000-000000000000' AND 'ffffffff-ffff-ffff-ffff-ffffffffffff'
ORDER BY id
FOR UPDATE
