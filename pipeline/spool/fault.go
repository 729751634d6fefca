package spool

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// probeEvery is how often a failing disk is probed.
	probeEvery = time.Second
	// probeBytes is the size of a probe: so much must fit on the disk before the spool
	// counts as usable again.
	probeBytes = 1 << 20
)

// errNotProbed is the fault from Open until the first probe has ended.
var errNotProbed = fmt.Errorf("%w: the disk has not been probed yet", ErrFailing)

// diskFailed records an error of the disk, and starts to probe the disk until it works
// again. Called with mu held.
func (l *Log) diskFailed(err error) {
	before := l.fault
	l.fault = err
	l.faults++
	if before != nil && before != errNotProbed {
		return
	}
	l.options.Logger.Error("the spool's disk fails", "dir", l.options.Dir, "error", err)
	if before == nil && !l.closed {
		l.background.Go(l.probe)
	}
}

// diskWorks records that the disk works. Called with mu held.
func (l *Log) diskWorks() {
	if l.fault != nil && l.fault != errNotProbed {
		l.options.Logger.Info("the spool's disk works again", "dir", l.options.Dir)
	}
	l.fault = nil
}

// probe probes the disk every probeEvery, the first time right after Open, until it
// works or the Log is closed.
func (l *Log) probe() {
	for l.awaitProbe() {
		if l.probed(l.faultCount(), l.probeDisk()) {
			return
		}
	}
}

// probed records the result of a probe that began when the disk had failed faults
// times. It returns true when the disk works. A probe says nothing about a write that
// failed since it began, however well it went itself.
func (l *Log) probed(faults uint64, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil && l.fault != nil:
		l.diskFailed(err)
	case err == nil && l.faults == faults:
		l.diskWorks()
	}
	return l.fault == nil
}

func (l *Log) faultCount() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.faults
}

// awaitProbe waits until the next probe is due. It returns false when the Log is closed.
func (l *Log) awaitProbe() bool {
	l.mu.Lock()
	now := l.fault == errNotProbed
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

// probeDisk writes and syncs a file as an append does, and removes it.
func (l *Log) probeDisk() error {
	created, err := l.options.create(l.probePath())
	if errors.Is(err, os.ErrExist) {
		_ = os.Remove(l.probePath()) // if this fails, the next line fails too
		created, err = l.options.create(l.probePath())
	}
	if err != nil {
		return fmt.Errorf("probe the disk: %w", err)
	}
	_, err = created.WriteAt(make([]byte, probeBytes), 0)
	if err == nil {
		err = created.Sync()
	}
	if err = errors.Join(err, created.Close(), os.Remove(l.probePath())); err != nil {
		return fmt.Errorf("probe the disk: %w", err)
	}
	return nil
}

// hanging returns ErrFailing while a write takes longer than hangAfter.
func (l *Log) hanging() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hangs()
}

func (l *Log) hangs() error {
	if l.busy.IsZero() || time.Since(l.busy) < hangAfter {
		return nil
	}
	return fmt.Errorf("%w: the disk has not responded for %s", ErrFailing, time.Since(l.busy).Round(time.Second))
}

// Err returns why nothing can be appended now, or nil.
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

// State is the contents of a Log, and its counters since it was opened.
type State struct {
	// Records counts the records that wait to be drained. Bytes is the size of all
	// segments on disk, including drained records that are not freed yet.
	Records, Bytes int64
	// Oldest is when the oldest waiting record was appended; zero when none waits.
	Oldest time.Time
	// Aside counts the segments that were set aside because they could not be drained
	// completely. They do not count against the bound.
	Aside Aside
	// Appended and Drained count records. Cut counts the pieces that could not be
	// read: ends that a crash tore, and damage.
	Appended, Drained, Cut uint64
}

// Aside counts segments that were set aside. An operator inspects and removes them.
type Aside struct {
	Files int
	Bytes int64
}

// Age returns how long the oldest record has waited; 0 when none waits.
func (s State) Age() time.Duration {
	if s.Oldest.IsZero() {
		return 0
	}
	return max(0, time.Since(s.Oldest))
}

// State returns the current state.
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
