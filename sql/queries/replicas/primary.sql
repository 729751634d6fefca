-- What a primary has written, in bytes of its log, and which database this is.
SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS written, current_database()::text AS database,
    (SELECT system_identifier FROM pg_control_system())::text AS cluster
