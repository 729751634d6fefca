-- The state of a dead letter: its status, except for a replayed one. dead_letters/rows and dead_letters/count_by_state
-- include it.
       CASE WHEN status <> 'replayed' THEN status
            WHEN status_at < now() - make_interval(secs => :silence::double precision) THEN 'silent'
            ELSE 'on_the_way' END
