-- Keeps edits of rules of identity apart from those who ask what is known of them (see identity_known_at), until the
-- transaction ends.
SELECT pg_advisory_xact_lock(hashtext('integr8 identity'::text))
