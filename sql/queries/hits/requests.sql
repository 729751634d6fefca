-- The requests of these hits, without those that have a final outcome. :ids is in ascending order, so that the planner
-- excludes days before its first and after its last id. The literal ids are replaced by the bounds of an era: see
-- era.go.
SELECT id AS hit_id, kind, request
FROM hits
WHERE id = ANY (:ids::uuid[])
  AND id BETWEEN (:ids::uuid[])[1] AND (:ids::uuid[])[cardinality(:ids::uuid[])]
  AND id BETWEEN '00000000-0000-0000-0000-000000000000' AND 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  AND outcome IN ('waiting', 'unmatched')
