-- The streams, oldest first, with what decides what of them is missing. cleared_to is the number up to which everything
-- was published before a statement that passed at least :grace_seconds ago; overtaken says that an incarnation which
-- began later with the same home has published everything that this one left.
SELECT incarnation, topic, home, receiver, began_at, promised_to, withdrawn, spooled, sent_at, lag_ms, reported_at, ended, passed_to,
    passed_sent_at,
    coalesce((SELECT max(up_to) FROM book_statements
        WHERE incarnation = stream.incarnation AND topic = stream.topic
            AND cleared_at <= now() - make_interval(secs => :grace_seconds::double precision)), 0) AS cleared_to,
    EXISTS (SELECT FROM book_streams AS later
        JOIN book_statements AS cleared ON cleared.incarnation = later.incarnation AND cleared.topic = later.topic
        WHERE later.home = stream.home AND later.topic = stream.topic AND later.began_at > stream.began_at
            AND cleared.cleared_at <= now() - make_interval(secs => :grace_seconds::double precision)) AS overtaken
FROM book_streams AS stream
ORDER BY began_at, incarnation, topic
