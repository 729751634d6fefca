-- Counts a change of the offers with unique orders, and returns the new version. The transaction holds a lock on the
-- only row until it ends, so that changes happen one after the other.
UPDATE unique_orders_version SET version = version + 1 RETURNING version
