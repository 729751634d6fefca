package store

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"integr8/handlers/attribution"
)

const (
	// saveRest is the least time between two saves: a script that makes a
	// thousand offers must not cause a thousand writes.
	saveRest = time.Second
	// saveRetry is the time after a failed save. The next one writes everything.
	saveRetry = 10 * time.Second
	// saveAgain is the age at which the moment of the file is written again although
	// nothing has changed.
	saveAgain = 10 * time.Minute
	// shortestLog is the size up to which the log grows in any case. Beyond it, a log of
	// half its base is replaced by a new base, so that each change is written about three
	// times.
	shortestLog = 1 << 20
)

// saver keeps the newest snapshot in a file. With an empty path it does
// nothing.
type saver struct {
	path   string
	logger *slog.Logger
	wake   chan struct{}

	mu      sync.Mutex
	pending []*loading // the loads that are not saved; the last is the newest

	// Of run alone:
	file    *referenceFile // nil until a base is written
	saved   attribution.Moment
	failing bool
}

func newSaver(path string, logger *slog.Logger) *saver {
	return &saver{path: path, logger: logger, wake: make(chan struct{}, 1)}
}

// offer hands in the newest load; one goroutine may.
func (s *saver) offer(loaded *loading) {
	if s.path == "" {
		return
	}
	s.mu.Lock()
	if loaded.whole {
		s.pending = nil // the whole will be written
	}
	if n := len(s.pending); n > 0 && !s.pending[n-1].whole && s.pending[n-1].news.IsEmpty() {
		s.pending = s.pending[:n-1] // nothing but a moment
	}
	s.pending = append(s.pending, loaded)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *saver) take() []*loading {
	s.mu.Lock()
	defer s.mu.Unlock()
	pending := s.pending
	s.pending = nil
	return pending
}

// run saves until ctx ends, and then once more what is left.
func (s *saver) run(ctx context.Context) {
	for {
		select {
		case <-s.wake:
			rest := saveRest
			if s.save(s.take()); s.failing {
				rest = saveRetry
			}
			pause(ctx, rest)
		case <-ctx.Done():
			s.save(s.take())
			s.forget()
			return
		}
	}
}

// save writes the loads, unless they bring nothing new and the file is younger than
// saveAgain. After an error the next load tries again.
func (s *saver) save(loads []*loading) {
	if len(loads) == 0 {
		return
	}
	err := s.write(loads)
	switch {
	case err == nil:
		s.failing = false
	case !s.failing:
		s.logger.Warn("reference data cannot be kept on disk, trying again", "error", err)
		fallthrough
	default:
		s.failing = true
		s.forget()
	}
}

func (s *saver) write(loads []*loading) (err error) {
	newest := loads[len(loads)-1].snapshot
	if s.file == nil || loads[0].whole || s.file.log > max(shortestLog, s.file.base/2) {
		s.forget()
		s.file, err = saveBase(newest, s.path)
	} else {
		for _, loaded := range loads {
			if err == nil && s.isNews(loaded) {
				err = s.file.append(loaded.snapshot.Moment, loaded.news)
				s.saved = loaded.snapshot.Moment
			}
		}
		return err
	}
	s.saved = newest.Moment
	return err
}

func (s *saver) isNews(loaded *loading) bool {
	moment := loaded.snapshot.Moment
	return !loaded.news.IsEmpty() || moment.LoadedAt.Sub(s.saved.LoadedAt) >= saveAgain ||
		!slices.Equal(moment.Secrets, s.saved.Secrets) || !slices.Equal(moment.DroppedClickDays, s.saved.DroppedClickDays)
}

// forget closes the file, so that the next save writes a new one.
func (s *saver) forget() {
	if s.file != nil {
		_ = s.file.close() // what was appended is on disk
		s.file = nil
	}
}
