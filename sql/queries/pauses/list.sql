-- The topics that no worker takes.
SELECT topic, actor, reason, paused_at FROM paused_queues ORDER BY topic
