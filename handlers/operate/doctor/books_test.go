package doctor

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/queues"
	"integr8/pipeline/books"
	"integr8/pipeline/hit"
)

// lost is a Store with books in which so many hits are missing.
type lost struct {
	Store
	hits int64
}

func (l lost) Books(context.Context, time.Duration) ([]*books.Stream, time.Time, error) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return []*books.Stream{{
		Identity: books.Identity{Incarnation: 1, Home: uuid.New(), BeganAt: at}, Topic: hit.TopicClicks,
		PassedTo: l.hits, ClearedTo: l.hits, ReportedAt: at, Statements: []books.Passed{{UpTo: l.hits, SentAt: at}},
	}}, at, nil
}

func (lost) CountWaiting(context.Context) (int64, error) { return 0, nil }

func TestAPromisedHitThatIsMissingIsBroken(t *testing.T) {
	t.Parallel()
	look := func(hits int64, view ...queues.Queue) []Finding {
		e := &examination{system: &System{Broker: &Broker{
			Queues: func(context.Context) ([]queues.Queue, error) { return view, nil },
		}}}
		e.books(t.Context(), lost{hits: hits})
		return e.findings
	}
	found := look(2)
	require.Len(t, found, 1)
	require.Equal(t, Broken, found[0].Level)
	require.EqualValues(t, 2, found[0].Count)
	require.Equal(t, "2 promised hits are missing; the first was promised before 2026-03-04 05:06:07", found[0].What)
	require.Contains(t, found[0].Hint, "integr8 audit")
	require.Empty(t, look(0))
	require.Empty(t, look(2, queues.Queue{Queue: "main.retry.1s", Topic: "retry.1s", Messages: 1}), "they may be there")

	e := &examination{system: &System{}}
	e.books(t.Context(), lost{hits: 2})
	require.Empty(t, e.findings, "what the queues hold is not known")
}
