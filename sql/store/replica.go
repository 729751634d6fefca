package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/sql/store/pg"
)

const (
	// replicaInterval is how often a replica is looked at, and replicaTime bounds a look.
	replicaInterval = time.Second
	replicaTime     = 2 * time.Second
	// replicaConnections is how many connections to it are opened at most, beside that of
	// the looks: a report must not keep a look from being taken.
	replicaConnections = 8
)

// ErrReplicaURL means that the URL of a replica is none.
var ErrReplicaURL = errors.New("INTEGR8_REPLICA_URL cannot be read: it must look like postgres://user:password@host:5432/name")

// Replica is a standby that follows the primary of a Store by streaming. It is safe for
// concurrent use.
type Replica struct {
	primary *Store
	db      *sqlx.DB
	looks   *sqlx.DB
	// farthest is how far behind the primary a replica may be to be read.
	farthest time.Duration
	now      func() time.Time

	mu sync.Mutex
	// marks are what the primary had written, of the last farthest.
	marks replicaMarks
	// seen is when the newest state of the primary that the replica has was the primary's;
	// zero when that is not known.
	seen time.Time
	// problem says why the replica is not read; nil when it is.
	problem error
	// usable ends when the replica can no longer be read, with all statements on it.
	usable context.Context
	lose   context.CancelFunc
}

// ErrReplicaUnknown is the problem before the first look.
var ErrReplicaUnknown = errors.New("it was not looked at yet")

// OpenReplica returns the replica at a Postgres URL. It does not connect. The replica is
// read once Run has seen that it is at most farthest behind. silence is as in
// OpenBounded.
func (s *Store) OpenReplica(url string, silence, farthest time.Duration) (*Replica, error) {
	connector, err := pg.Connector(url, silence, append(pg.Bounds(silence), generalSettings...)...)
	if err != nil {
		return nil, ErrReplicaURL // that of the connector names another setting
	}
	r := &Replica{
		primary: s, db: pool(connector, replicaConnections), looks: pool(connector, 1), farthest: farthest, now: time.Now, problem: ErrReplicaUnknown,
	}
	r.usable, r.lose = context.WithCancel(context.Background())
	r.lose()
	return r, nil
}

// Reading returns a Store with the connections of s whose reports and searches read the
// replica, and the primary while the replica cannot be read. It is closed with s.
func (s *Store) Reading(from *Replica) *Store {
	reading := &Store{db: s.db, deciding: s.deciding, schema: s.schema, url: s.url, replica: from}
	reading.orderRules.Store(&orderRules{})
	return reading
}

// Close ends the connections to the replica.
func (r *Replica) Close() error {
	if err := errors.Join(r.db.Close(), r.looks.Close()); err != nil {
		return fmt.Errorf("close connections to the replica: %w", err)
	}
	return nil
}

// ReplicaState is whether a replica is read, and how far it is behind.
type ReplicaState struct {
	// Behind is how long ago the state that it has was the primary's, at most. It is 0 and
	// Known is false before that is known.
	Behind time.Duration
	Known  bool
	// Problem says why the primary is read in place of it; nil when the replica is read.
	Problem error
}

// State returns the state as of the last look.
func (r *Replica) State() ReplicaState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state()
}

func (r *Replica) state() ReplicaState {
	state := ReplicaState{Known: !r.seen.IsZero(), Problem: r.problem}
	if state.Known {
		state.Behind = max(0, r.now().Sub(r.seen))
	}
	return state
}

// Run looks at the replica each second until ctx ends. changed is called with the state
// when the replica begins to be read, or ends to be.
func (r *Replica) Run(ctx context.Context, changed func(ReplicaState)) {
	defer r.lose()
	ticks := time.NewTicker(replicaInterval)
	defer ticks.Stop()
	for {
		if r.look(ctx) {
			changed(r.State())
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// look asks both servers where they are, and reports whether the replica begins or ends
// to be read.
func (r *Replica) look(ctx context.Context) (changed bool) {
	mark, primary, primaryErr := r.askPrimary(ctx)
	position, err := r.askReplica(ctx)
	if ctx.Err() != nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if primaryErr == nil {
		r.marks.add(mark, r.now().Add(-r.farthest))
		if err == nil {
			err = position.mayStandFor(primary)
		}
	}
	if err == nil {
		r.seen = later(r.seen, r.marks.reached(position.Replayed))
		err = r.tooFar()
	}
	changed = (err == nil) != (r.problem == nil) || errors.Is(r.problem, ErrReplicaUnknown)
	r.problem = err
	switch {
	case err != nil:
		r.lose()
	case r.usable.Err() != nil:
		r.usable, r.lose = context.WithCancel(context.Background())
	}
	return changed
}

func (r *Replica) tooFar() error {
	state := r.state()
	switch {
	case state.Known && state.Behind <= r.farthest:
		return nil
	case state.Known:
		return fmt.Errorf("it is %s behind, and may be %s", state.Behind.Round(time.Second), r.farthest)
	case len(r.marks) == 0:
		return errors.New("the primary could not be asked how far it is behind")
	default:
		return errors.New("it has nothing yet that the primary has written since this process began")
	}
}
