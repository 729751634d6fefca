// Package audit proves that nothing that a receiver promised is missing.
//
// Receivers number what they promise, and say so in statements that travel through the
// queues behind the hits; workers keep the numbers of what they settle (package books).
// A promised number that is not settled is on its way, or unaccounted: a statement that
// was sent after it passed its queue a while ago, and no retry queue, dead
// letter queue, quarantine or worker can hold it.
//
// What this does not prove: that a settled hit was decided rightly, that its row is still
// there (Rows compares with the rows), and what a receiver promised in the second before
// it died without a last statement.
package audit
