package spool

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// probeEvery is how often a failing disk is tried out.
	probeEvery = time.Second
	// probeBytes must fit on the disk before the spool counts as usable again.
	probeBytes = 1 << 20
)

// errUntried stands for the outcome of the first try, right after Open.
var errUntried = fmt.Errorf("%w: the disk has not been tried yet", ErrFailing)

// fail notes that the disk refused, and has it tried out until it works again.
// Called with mu held.
func (l *Log) fail(err error) {
	before := l.fault
	l.fault = err
	if before != nil && before != errUntried {
		return
	}
	l.options.Logger.Error("the spool's disk fails", "dir", l.options.Dir, "error", err)
	if before == nil && !l.closed {
		l.background.Go(l.probe)
	}
}

// works notes that the disk works. Called with mu held.
func (l *Log) works() {
	if l.fault != nil && l.fault != errUntried {
		l.options.Logger.Info("the spool's disk works again", "dir", l.options.Dir)
	}
	l.fault = nil
}

// probe tries the disk out, after an Open at once, until it works or the Log is
// closed.
func (l *Log) probe() {
	for l.awaitTry() {
		err := l.tryDisk()
		l.mu.Lock()
		if err == nil {
			l.works()
		} else if l.fault != nil {
			l.fail(err)
		}
		done := l.fault == nil
		l.mu.Unlock()
		if done {
			return
		}
	}
}

// awaitTry waits until the disk is to be tried; false when the Log is closed.
func (l *Log) awaitTry() bool {
	l.mu.Lock()
	now := l.fault == errUntried
	l.mu.Unlock()
	if now {
		return true
	}
	timer := time.NewTimer(probeEvery)
	defer timer.Stop()
	select {
	case <-l.stop:
		return false
	case <-timer.C:
		return true
	}
}

// tryDisk does what an append does, with a file of its own.
func (l *Log) tryDisk() error {
	created, err := l.options.create(l.probePath())
	if errors.Is(err, os.ErrExist) {
		_ = os.Remove(l.probePath()) // if that fails, so does what follows
		created, err = l.options.create(l.probePath())
	}
	if err != nil {
		return fmt.Errorf("try the disk: %w", err)
	}
	_, err = created.WriteAt(make([]byte, probeBytes), 0)
	if err == nil {
		err = created.Sync()
	}
	if err = errors.Join(err, created.Close(), os.Remove(l.probePath())); err != nil {
		return fmt.Errorf("try the disk: %w", err)
	}
	return nil
}

// hanging returns ErrFailing while the disk does not answer.
func (l *Log) hanging() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hangs()
}

func (l *Log) hangs() error {
	if l.busy.IsZero() || time.Since(l.busy) < hangAfter {
		return nil
	}
	return fmt.Errorf("%w: the disk has not answered for %s", ErrFailing, time.Since(l.busy).Round(time.Second))
}

// Err says why nothing can be appended right now, or nil.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return ErrClosed
	case l.hangs() != nil:
		return l.hangs()
	case l.fault != nil:
		return l.fault
	case l.full || l.used()+headerBytes > l.options.MaxBytes:
		return ErrFull
	}
	return nil
}

// State is what a Log holds, and what went through it since it was opened.
type State struct {
	// Records wait to be drained; Bytes is what they and those drained, but
	// not freed yet, take on disk.
	Records, Bytes int64
	// Oldest is when the oldest record that waits was appended; zero when
	// none does.
	Oldest time.Time
	// Aside is what is kept because it could not be drained whole. It does not
	// count against the bound.
	Aside Aside
	// Appended and Drained count records. Cut counts the pieces that could
	// not be read: ends that a crash cut short, and damage.
	Appended, Drained, Cut uint64
}

// Aside counts files that a person has to look at, and may remove.
type Aside struct {
	Files int
	Bytes int64
}

// Age is how long the oldest record has waited; 0 when none waits.
func (s State) Age() time.Duration {
	if s.Oldest.IsZero() {
		return 0
	}
	return max(0, time.Since(s.Oldest))
}

// State returns how things stand.
func (l *Log) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := State{Appended: l.appended, Drained: l.drained, Cut: l.cut, Aside: l.aside}
	for _, s := range l.segments {
		if oldest := s.oldest(); !oldest.IsZero() && (state.Oldest.IsZero() || oldest.Before(state.Oldest)) {
			state.Oldest = oldest
		}
		state.Records += s.left()
		state.Bytes += s.size
	}
	return state
}
