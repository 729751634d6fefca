-- What a replica has replayed, in bytes of the primary's log, and which database this is. A server that is no replica says 0.
SELECT pg_is_in_recovery() AS follows, coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::bigint AS replayed,
    current_database()::text AS database, (SELECT system_identifier FROM pg_control_system())::text AS cluster
