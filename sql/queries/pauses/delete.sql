-- Ends the pause of a topic.
DELETE FROM paused_queues WHERE topic = :topic::text
