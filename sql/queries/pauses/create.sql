-- Pauses a topic that is not paused.
INSERT INTO paused_queues (topic, actor, reason) VALUES (:topic::text, :actor::text, :reason::text)
RETURNING topic, actor, reason, paused_at
