package store

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"integr8/handlers/attribution"
	"integr8/sql/store/pg"
)

// referenceChannel is the channel that the schema's triggers notify.
const referenceChannel = "integr8_reference"

const (
	// loadRest is the least time between two loads: a script that makes a
	// thousand offers must not make every process ask a thousand times.
	loadRest = 100 * time.Millisecond
	// The first and the longest wait after a failed load, and after a failed connection of
	// the listener. They are short, because all work waits for the database too.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	// restoreAfter is how long the database may take to load the first snapshot
	// before the one from disk is used.
	restoreAfter = 2 * time.Second
	// lastReconnect is the longest wait before the listener reconnects. It also bounds how
	// long Run may take to end in an outage.
	lastReconnect = time.Second
)

// ReferenceOptions set up a Reference.
type ReferenceOptions struct {
	// Poll is the time after which changes are loaded without a notification. To look
	// costs less than a millisecond. Default 1 s.
	Poll time.Duration
	// Logger logs that loading fails, and that it works again. Default:
	// slog.Default().
	Logger *slog.Logger
	// File is the path of the file in which Run keeps the newest snapshot, and from which
	// it reads the first one while the database is down. Default: none.
	File string
	// MakeRoom is told how many bytes reference data takes: before it does, and, with what
	// the one before takes, while another is loaded. Default: nothing is told.
	MakeRoom func(bytes int)
}

// Reference keeps the current Snapshot up to date. A notification of the database, or a
// poll in case one is missed, makes it load what the history says has changed. It loads
// everything at the start, and when the history does not lead to the present state: after
// a change by hand, or when another server with other rows has taken the place of the one
// before. It may start from a file.
type Reference struct {
	store    *Store
	options  ReferenceOptions
	nothing  *attribution.Snapshot // what current is until the first snapshot is there
	current  atomic.Pointer[attribution.Snapshot]
	cursor   *cursor // of current, once it came from the database; Run's own
	restored atomic.Pointer[attribution.Snapshot]
	usable   chan struct{}
	useOnce  sync.Once
	loaded   chan struct{}
	loadOnce sync.Once
	failed   chan struct{} // closed when the first load has failed
	failOnce sync.Once
	changed  chan struct{}
	saver    *saver
}

// NewReference returns a Reference with an empty snapshot. Run loads the data.
func NewReference(store *Store, options ReferenceOptions) *Reference {
	if options.Poll <= 0 {
		options.Poll = time.Second
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.MakeRoom == nil {
		options.MakeRoom = func(int) {}
	}
	reference := &Reference{
		store:   store,
		options: options,
		nothing: &attribution.Snapshot{},
		usable:  make(chan struct{}),
		loaded:  make(chan struct{}),
		failed:  make(chan struct{}),
		changed: make(chan struct{}, 1),
		saver:   newSaver(options.File, options.Logger),
	}
	reference.current.Store(reference.nothing)
	return reference
}

// Current returns the newest snapshot. Before the first one is loaded it returns an empty
// one, never nil. While the database is down it returns the last one.
func (r *Reference) Current() *attribution.Snapshot { return r.current.Load() }

// Loaded is closed when the first snapshot was loaded from the database.
func (r *Reference) Loaded() <-chan struct{} { return r.loaded }

// Usable is closed when there is a snapshot: from the database, or from disk
// while the database is down.
func (r *Reference) Usable() <-chan struct{} { return r.usable }

// Restored reports whether the current snapshot is the one from disk.
func (r *Reference) Restored() bool {
	current := r.current.Load()
	return current != r.nothing && current == r.restored.Load()
}

// Run keeps the snapshot up to date until ctx ends, through outages of the
// database, and then returns nil. It is called once.
func (r *Reference) Run(ctx context.Context) error {
	stop := r.listen(ctx)
	defer stop()
	var files sync.WaitGroup
	defer files.Wait()
	saving, endSaving := context.WithCancel(context.WithoutCancel(ctx))
	defer endSaving() // after the last load, so that it is saved
	files.Go(func() { r.saver.run(saving) })
	saved := r.readFile()
	files.Go(func() { r.restore(ctx, saved) })
	base := r.nothing
	if saved.err == nil {
		base = saved.snapshot
	}

	wait := firstRetry
	failing := false
	for {
		var next <-chan time.Time
		switch err := r.load(ctx, base); {
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
			failing, wait, base = false, firstRetry, nil
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

// load loads what has changed. The first load takes over from base what has not. It has no
// deadline: each statement has the one of the Store, and each page of a large load is a
// statement.
func (r *Reference) load(ctx context.Context, base *attribution.Snapshot) error {
	if r.cursor != nil {
		base = r.current.Load()
	}
	loaded, err := r.store.loadChanges(ctx, base, r.cursor, r.options.MakeRoom)
	if err != nil {
		return err
	}
	r.options.MakeRoom(loaded.snapshot.Bytes())
	r.cursor = loaded.cursor
	r.current.Store(loaded.snapshot)
	r.loadOnce.Do(func() { close(r.loaded) })
	r.useOnce.Do(func() { close(r.usable) })
	r.saver.offer(loaded)
	return nil
}

// savedSnapshot is what the file held at the start.
type savedSnapshot struct {
	snapshot *attribution.Snapshot
	err      error
}

func (r *Reference) readFile() savedSnapshot {
	if r.options.File == "" {
		return savedSnapshot{err: errNoFile}
	}
	if info, err := os.Stat(r.options.File); err == nil {
		r.options.MakeRoom(int(info.Size()))
	}
	snapshot, err := ReadSnapshot(r.options.File)
	return savedSnapshot{snapshot, err}
}

var errNoFile = errors.New("no file is set")

// restore uses the snapshot from disk when the first load fails or takes too long.
func (r *Reference) restore(ctx context.Context, saved savedSnapshot) {
	if errors.Is(saved.err, errNoFile) {
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
	if saved.err != nil {
		r.options.Logger.Warn("no reference data on disk to use while the database is away", "error", saved.err)
		return
	}
	r.restored.Store(saved.snapshot)
	if r.current.CompareAndSwap(r.nothing, saved.snapshot) {
		r.options.Logger.Warn("the database is away: reference data is what was last kept on disk", "as_of", saved.snapshot.LoadedAt)
		r.useOnce.Do(func() { close(r.usable) })
	}
}

// listen marks the data as changed with every notification, and after every reconnect,
// because notifications may have been missed. The function that it returns waits until
// the listener and its goroutines have ended; ctx must have ended before.
func (r *Reference) listen(ctx context.Context) (stop func()) {
	listener := pg.NewListener(ctx, r.store.url, firstRetry, lastReconnect)
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
			// The server refuses LISTEN: a standby does.
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

// pause waits, and returns false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
