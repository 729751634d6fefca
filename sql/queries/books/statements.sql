-- The statements of all streams in the order of their numbers.
SELECT incarnation, topic, up_to, withdrawn, sent_at FROM book_statements
ORDER BY incarnation, topic, up_to
