-- The numbers of settled hits whose rows were deleted.
SELECT incarnation, topic, block, numbers FROM book_removed
ORDER BY incarnation, topic, block
