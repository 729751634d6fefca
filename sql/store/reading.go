package store

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// read lets f read a database: the replica, if there is one that can be read, and else the
// primary. When f fails on the replica, it is called again with the primary: a replica may
// be lost, cancel a statement that keeps it from following, or lack a migration. So f
// must begin anew.
func (s *Store) read(ctx context.Context, f func(context.Context, *sqlx.DB) error) error {
	if s.replica == nil {
		return f(ctx, s.db)
	}
	state, limited, cancel := s.replica.use(ctx)
	defer cancel()
	if state.Problem == nil {
		err := f(limited, s.replica.db)
		if err == nil {
			noteReplica(ctx, state.Behind)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
	return f(ctx, s.db)
}

// readRows reads all rows of a statement into rows, as read does.
func readRows[R any](ctx context.Context, s *Store, rows *[]R, name string, values args) error {
	return s.read(ctx, func(ctx context.Context, db *sqlx.DB) error {
		*rows = nil
		return selectRows(ctx, db, rows, name, values)
	})
}

// readIn is read with a transaction that changes nothing.
func (s *Store) readIn(ctx context.Context, f func(context.Context, *sqlx.Tx) error) error {
	return s.read(ctx, func(ctx context.Context, db *sqlx.DB) error {
		tx, err := db.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return err
		}
		defer tx.Rollback() // it changes nothing
		return f(ctx, tx)
	})
}

// use returns the state, and a context that ends with ctx and when the replica can no
// longer be read.
func (r *Replica) use(ctx context.Context) (ReplicaState, context.Context, context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	limited, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(r.usable, cancel)
	return r.state(), limited, func() { stop(); cancel() }
}

// ReplicaReads notes what work with its context has read from a replica. It is safe for
// concurrent use.
type ReplicaReads struct {
	mu     sync.Mutex
	read   bool
	behind time.Duration
}

type replicaReadsKey struct{}

// NoteReplicaReads returns a context whose reads from a replica are noted.
func NoteReplicaReads(ctx context.Context) (context.Context, *ReplicaReads) {
	reads := &ReplicaReads{}
	return context.WithValue(ctx, replicaReadsKey{}, reads), reads
}

// Behind returns how far behind the primary the replica was at most when it was read;
// false when it was not read.
func (r *ReplicaReads) Behind() (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.behind, r.read
}

// ReplicaReadsIn returns those of a context of NoteReplicaReads; without one, reads that
// nothing is noted in.
func ReplicaReadsIn(ctx context.Context) *ReplicaReads {
	if reads, ok := ctx.Value(replicaReadsKey{}).(*ReplicaReads); ok {
		return reads
	}
	return &ReplicaReads{}
}

func noteReplica(ctx context.Context, behind time.Duration) {
	reads := ReplicaReadsIn(ctx)
	reads.mu.Lock()
	defer reads.mu.Unlock()
	reads.read, reads.behind = true, max(reads.behind, behind)
}
