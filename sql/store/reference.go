package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// referenceChannel is what the schema's triggers notify.
const referenceChannel = "integr8_reference"

const (
	// loadTimeout is far more than a load of a hundred thousand rows takes.
	loadTimeout = 10 * time.Second
	// loadRest is the least time between two loads: a script that makes a
	// thousand offers must not make every process load a thousand times.
	loadRest = 100 * time.Millisecond
	// The waits after a failed load, and after a failed connection of the
	// listener: brief, because what is waited for is the database itself.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	// restoreAfter is how long a database may take to give the first snapshot
	// before the one from disk is used.
	restoreAfter = 2 * time.Second
	// lastReconnect also bounds how long Run may take to end in an outage.
	lastReconnect = time.Second
)

// ReferenceOptions are the settings of a Reference.
type ReferenceOptions struct {
	// Poll is the time after which reference data is loaded although nothing
	// said that it changed. Default 30 s.
	Poll time.Duration
	// Logger is told when loading fails and when it works again. Default:
	// slog.Default().
	Logger *slog.Logger
	// OnLoad is called, from Run, with every snapshot that was loaded.
	OnLoad func(*Snapshot)
	// File is where Run keeps the newest snapshot on disk, and from where it
	// takes the first one while the database is away. Default: none.
	File string
}

// Reference keeps the current Snapshot. It follows the database's
// notifications and polls in case one is missed, and may start from a file.
type Reference struct {
	store    *Store
	options  ReferenceOptions
	nothing  *Snapshot // what current is until the first snapshot is there
	current  atomic.Pointer[Snapshot]
	restored atomic.Pointer[Snapshot]
	usable   chan struct{}
	useOnce  sync.Once
	loaded   chan struct{}
	loadOnce sync.Once
	failed   chan struct{} // closed when the first load has failed
	failOnce sync.Once
	changed  chan struct{}
	saver    *saver
}

// NewReference makes a Reference that knows nothing until Run has loaded.
func NewReference(store *Store, options ReferenceOptions) *Reference {
	if options.Poll <= 0 {
		options.Poll = 30 * time.Second
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.OnLoad == nil {
		options.OnLoad = func(*Snapshot) {}
	}
	reference := &Reference{
		store:   store,
		options: options,
		nothing: &Snapshot{},
		usable:  make(chan struct{}),
		loaded:  make(chan struct{}),
		failed:  make(chan struct{}),
		changed: make(chan struct{}, 1),
		saver:   newSaver(options.File, options.Logger),
	}
	reference.current.Store(reference.nothing)
	return reference
}

// Current returns the newest snapshot; an empty one, never nil, before there is
// one. What was loaded stays while the database is away.
func (r *Reference) Current() *Snapshot { return r.current.Load() }

// Loaded is closed once the first snapshot has come from the database.
func (r *Reference) Loaded() <-chan struct{} { return r.loaded }

// Usable is closed once there is a snapshot: from the database, or from disk
// while that is away.
func (r *Reference) Usable() <-chan struct{} { return r.usable }

// Restored reports whether the current snapshot is the one from disk.
func (r *Reference) Restored() bool {
	current := r.current.Load()
	return current != r.nothing && current == r.restored.Load()
}

// Run keeps the snapshot up to date until ctx ends, whatever happens to the
// database meanwhile, and then returns nil. It is called once.
func (r *Reference) Run(ctx context.Context) error {
	stop := r.listen(ctx)
	defer stop()
	var files sync.WaitGroup
	defer files.Wait()
	files.Go(func() { r.saver.run(ctx) })
	files.Go(func() { r.restore(ctx) })

	wait := firstRetry
	failing := false
	for {
		var next <-chan time.Time
		switch err := r.load(ctx); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !failing {
				r.options.Logger.Warn("reference data cannot be loaded, trying on", "error", err)
			}
			failing = true
			r.failOnce.Do(func() { close(r.failed) })
			next = time.After(wait/2 + rand.N(wait)) // jitter: processes that lost the same server must not return as one
			wait = min(2*wait, lastRetry)
		default:
			if failing {
				r.options.Logger.Info("reference data is loaded again")
			}
			failing, wait = false, firstRetry
			next = time.After(r.options.Poll)
		}
		if !pause(ctx, loadRest) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-next:
		case <-r.changed:
		}
	}
}

func (r *Reference) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	snapshot, err := r.store.LoadSnapshot(ctx)
	if err != nil {
		return err
	}
	r.current.Store(snapshot)
	r.loadOnce.Do(func() { close(r.loaded) })
	r.useOnce.Do(func() { close(r.usable) })
	r.saver.offer(snapshot)
	r.options.OnLoad(snapshot)
	return nil
}

// restore takes the snapshot from disk when the database does not give one.
func (r *Reference) restore(ctx context.Context) {
	if r.options.File == "" {
		return
	}
	select {
	case <-r.failed:
	case <-time.After(restoreAfter):
	case <-r.loaded:
		return
	case <-ctx.Done():
		return
	}
	snapshot, err := ReadSnapshot(r.options.File)
	if err != nil {
		r.options.Logger.Warn("no reference data on disk to use while the database is away", "error", err)
		return
	}
	r.restored.Store(snapshot)
	if r.current.CompareAndSwap(r.nothing, snapshot) {
		r.options.Logger.Warn("the database is away: reference data is what was last kept on disk", "as_of", snapshot.LoadedAt)
		r.useOnce.Do(func() { close(r.usable) })
	}
}

// listen marks the data as changed with every notification, and whenever the
// listening connection was made anew, because some may have been missed. The
// function that it answers waits until all of it has ended; ctx must be done.
func (r *Reference) listen(ctx context.Context) (stop func()) {
	listener := pq.NewDialListener(boundDialer{ctx}, r.store.url, firstRetry, lastReconnect, nil)
	var running sync.WaitGroup
	running.Go(func() {
		for range listener.Notify {
			r.markChanged()
		}
	})
	running.Go(func() {
		for {
			err := listener.Listen(referenceChannel)
			switch {
			case err == nil:
				r.markChanged()
				return
			case errors.Is(err, net.ErrClosed):
				return
			}
			// The server answered and refused: a standby does not listen.
			r.options.Logger.Warn("changes of reference data are not notified, polling", "error", err)
			if !pause(ctx, r.options.Poll) {
				return
			}
		}
	})
	return func() {
		_ = listener.Close() // its only error is that it is closed
		running.Wait()
	}
}

func (r *Reference) markChanged() {
	select {
	case r.changed <- struct{}{}:
	default: // a load is due anyway
	}
}

// pause waits, and answers false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// boundDialer makes connections that close when its context ends. The pq
// listener takes no context, and would otherwise hold on to a server that
// accepts connections but does not answer.
type boundDialer struct{ ctx context.Context }

type boundConn struct {
	net.Conn
	unbind func() bool
}

func (c boundConn) Close() error {
	c.unbind()
	return c.Conn.Close()
}

func (d boundDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, loadTimeout)
}

func (d boundDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	dialer := net.Dialer{Timeout: timeout}
	conn, err := dialer.DialContext(d.ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	return boundConn{conn, context.AfterFunc(d.ctx, func() { _ = conn.Close() })}, nil
}
