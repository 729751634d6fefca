// Package retention reports how long clicks, hits and dead letters are kept, and
// changes that for all workers. Conversions are kept for ever.
package retention
