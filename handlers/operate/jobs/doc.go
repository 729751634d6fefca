// Package jobs holds the use cases on bulk acts on dead letters that a process carries
// out for the person who ordered them: estimate, create, list, show, cancel; and the Runner.
//
// A job chooses its letters when it is created, as a direct act does, and Continue of
// package dead carries it out. The transaction that settles letters also keeps how far the
// job has come, so that after the death of its process another goes on behind them.
//
// Jobs of an account run one after the other. A process works on Slots jobs at a time, each
// for TurnTime at least a page, and then on that which has waited the longest: a large job
// of one account delays those of others by turns, and never until it ends.
package jobs
