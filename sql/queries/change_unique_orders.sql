-- Counts a change of the offers with unique orders, and returns the new version. Whoever runs it holds the only row until
-- its transaction ends, so that changes come one after the other.
UPDATE unique_orders_version SET version = version + 1 RETURNING version
