-- Summarises the ranges of a day of hits, 32 pages each, from page :first to before :end: those without a summary, and
-- with :anew all.
SELECT count(CASE WHEN :anew::boolean AND brin_desummarize_range(:index::text::regclass, page) IS NULL THEN 0
    ELSE brin_summarize_range(:index::text::regclass, page) END)
FROM generate_series(:first::bigint, :end::bigint - 1, 32) AS page
