package search

import (
	"bytes"
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/token"
)

// How a list is cut into statements. The first searches a few minutes; where a statement
// was quick the next searches twice the time, and half of it where it was slow.
const (
	pageSize  = 1000
	firstStep = 15 * time.Minute
	// longestStep bounds how many days one statement locks.
	longestStep = 32 * 24 * time.Hour
	quick       = 200 * time.Millisecond
	slow        = time.Second
)

// reader reads at most limit rows of a span, newest first.
type reader[T any] func(ctx context.Context, span Span, limit int) ([]T, error)

// walk begins a list of the rows of a span. Below oldest there are as good as no rows: it
// is searched by one statement.
func (r Searches) walk(ctx context.Context, span Span, oldest time.Time, wanted int) *walker {
	now := time.Now()
	w := &walker{ctx: ctx, progress: r.Progress, span: span, step: firstStep, page: pageSize, begin: now}
	if wanted > 0 {
		w.page = min(pageSize, wanted)
	}
	if end := timeOf(span.End); end.Before(now) {
		w.begin = end
	}
	w.oldest = later(oldest, timeOf(span.First))
	return w
}

type walker struct {
	ctx      context.Context // of the list; the walker ends with it
	progress func(Progress)
	span     Span
	step     time.Duration
	page     int
	begin    time.Time
	oldest   time.Time
	rows     int64
}

// each yields the rows that read finds, newest first, and ends with the first error. idOf
// returns the id of one.
func each[T any](w *walker, read reader[T], idOf func(*T) uuid.UUID) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for end := w.span.End; bytes.Compare(w.span.First[:], end[:]) < 0; {
			first := w.firstBefore(end)
			began := time.Now()
			page, err := read(w.ctx, Span{first, end}, w.page)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
			if end = first; len(page) == w.page {
				end = idOf(&page[len(page)-1])
			} else {
				w.adapt(time.Since(began))
			}
			w.report(len(page), end)
		}
	}
}

// firstBefore returns where a statement begins that searches down from end.
func (w *walker) firstBefore(end uuid.UUID) uuid.UUID {
	at := timeOf(end)
	if at.After(w.begin) {
		at = w.begin // nothing but odd clocks' rows is in the future
	}
	if from := at.Add(-w.step); at.After(w.oldest) {
		return token.FirstID(later(from, w.oldest))
	}
	return w.span.First
}

func (w *walker) adapt(took time.Duration) {
	switch {
	case took < quick:
		w.step = min(2*w.step, longestStep)
	case took > slow:
		w.step = max(w.step/2, time.Minute)
	}
}

func (w *walker) report(rows int, end uuid.UUID) {
	if w.rows += int64(rows); w.progress == nil {
		return
	}
	back := timeOf(end)
	whole, done := w.begin.Sub(w.oldest), w.begin.Sub(back)
	share := 1.0
	if whole > 0 {
		share = min(max(float64(done)/float64(whole), 0), 1)
	}
	w.progress(Progress{Rows: w.rows, Back: back, Share: share})
}

// timeOf is the time with which an id begins.
func timeOf(id uuid.UUID) time.Time { return token.TransactionID(id).Time() }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
