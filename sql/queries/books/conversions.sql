-- Hits that converted without a conversion, and conversions without a hit that converted, whose ids are from :low to
-- before :high; at most :most.
SELECT coalesce(hit.id, conversion.id) AS id, hit.id IS NULL AS without_hit
FROM (SELECT id FROM hits WHERE id >= :low::uuid AND id < :high::uuid AND outcome = 'converted') AS hit
FULL JOIN (SELECT id FROM conversions WHERE id >= :low::uuid AND id < :high::uuid) AS conversion ON conversion.id = hit.id
WHERE hit.id IS NULL OR conversion.id IS NULL
LIMIT :most::bigint
