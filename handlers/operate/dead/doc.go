// Package dead holds the use cases on dead letters, the hits that were rejected, stayed
// unmatched or failed: list, show, replay, discard, undo.
//
// A replay, a discard and an undo are prepared first: their letters are fixed and
// counted at that moment, for a person to see. Run then carries the act out page by
// page. An interrupted act has done a part, and the same act does the rest when it runs
// again. Continue does so for an act that a Keeper keeps: see package jobs.
package dead
