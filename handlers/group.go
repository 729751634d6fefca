package handlers

import (
	"time"

	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
)

// commitsAtOnce is how many transactions of one kind a process has under way: while one
// is flushed to disk, the next is prepared.
const commitsAtOnce = 2

// commitPace is the least time between transactions that are not full: the fixed cost
// of a transaction is higher for Postgres than the rows in it.
const commitPace = 5 * time.Millisecond

// maxCommitHits and maxCommitBytes bound the hits of one transaction. A normal hit has
// half a kilobyte, so that only abnormally large hits reach the second bound.
const (
	maxCommitHits  = 512
	maxCommitBytes = 2 << 20
)

// entry is a hit in a group.
type entry interface {
	// size is in bytes.
	size() int
	// account is whose hit it is; 0 while that is not known.
	account() int64
}

// groupOf returns a Group that merges the hits of a topic which handlers submit at the
// same time. commit writes each batch in one transaction. When more hits wait than that
// holds, the accounts take turns.
func groupOf[T entry](o Options, topic string, commit func([]T) error) *batch.Group[T] {
	observed := func(batch []T) error {
		began := time.Now()
		err := commit(batch)
		if err == nil {
			o.ObserveCommit(topic, len(batch), time.Since(began))
		}
		return err
	}
	return batch.New(batch.Options[T]{
		MaxItems:    maxCommitHits,
		MaxBytes:    maxCommitBytes,
		Size:        T.size,
		Owner:       T.account,
		Outstanding: commitsAtOnce,
		Pace:        commitPace,
		Isolate: func(err error) bool {
			class := failure.Of(err)
			return class == failure.Transient || class == failure.Permanent
		},
	}, observed)
}
