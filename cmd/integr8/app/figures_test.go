package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/books"
	"integr8/pipeline/hit"
	"integr8/pipeline/monitor"
	"integr8/sql/store/storetest"
)

// lossy are books in which of 10 promised hits the first lost ones are missing.
type lossy struct{ lost int }

func (l lossy) CountWaiting(context.Context) (int64, error) { return 0, nil }

func (l lossy) Books(context.Context, time.Duration) ([]*books.Stream, time.Time, error) {
	now := time.Now()
	stream := &books.Stream{Topic: hit.TopicClicks, ReportedTo: 10, PassedTo: 10, ClearedTo: 10, SentAt: now, PassedSentAt: now, ReportedAt: now}
	numbers := new(books.Bits)
	for number := l.lost; number < 10; number++ {
		numbers.Add(number)
	}
	stream.Settled.AddOpen(0, numbers)
	return []*books.Stream{stream}, now, nil
}

func TestFiguresOfTheSystemAreReadAndStandWhileAServerIsAway(t *testing.T) {
	t.Parallel()
	database := storetest.NewDatabase(t)
	db, rows := database.Store, database.Rows
	_, err := rows.Exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, status, payload)
		SELECT gen_random_uuid(), 1, 'click', 'rejected', reason, now(), status, ''
		FROM (VALUES ('offer_paused', 'open'), ('offer_paused', 'open'), ('offer_paused', 'replayed'),
			('of_a_later_version', 'open'), ('of_another', 'open')) AS letter (reason, status)`)
	require.NoError(t, err)
	_, err = rows.Exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
		SELECT gen_random_uuid(), 1, gen_random_uuid(), now() FROM generate_series(1, 3)`)
	require.NoError(t, err)

	metrics, now := monitor.NewMetrics(), time.Unix(1000, 0)
	var logged bytes.Buffer
	f := &figures{
		store: db, audits: audit.Audits{Store: lossy{2}, Queues: audit.Looked{}}, system: metrics.AddSystem(),
		logger: slog.New(slog.NewTextHandler(&logged, nil)), now: func() time.Time { return now },
	}
	shown := func(lines ...string) {
		t.Helper()
		answer := httptest.NewRecorder()
		metrics.Handler(nil).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		for _, line := range lines {
			require.Contains(t, string(body), line+"\n")
		}
	}
	require.NoError(t, f.read(t.Context()))
	shown(`integr8_dead_letters{reason="offer_paused",status="open"} 2`, `integr8_dead_letters{reason="offer_paused",status="replayed"} 1`,
		`integr8_dead_letters{reason="other",status="open"} 2`, `integr8_dead_letters{reason="handler_failed",status="discarded"} 0`,
		`integr8_waiting_postbacks 3`, `integr8_unaccounted_hits 2`, `integr8_partitions_ahead{table="hits"} 7`,
		`integr8_figures_timestamp_seconds{figures="unaccounted"} 1000`)

	_, err = rows.Exec(`DELETE FROM dead_letters WHERE reason = 'offer_paused'`)
	require.NoError(t, err)
	f.audits = audit.Audits{Store: lossy{5}, Queues: audit.Looked{View: queues.View{Unasked: errors.New("blocked")}}}
	now = time.Unix(2000, 0)
	err = f.read(t.Context())
	require.ErrorIs(t, err, errBrokerUnasked)
	shown(`integr8_dead_letters{reason="offer_paused",status="open"} 0`, `integr8_unaccounted_hits 2`,
		`integr8_figures_timestamp_seconds{figures="unaccounted"} 1000`, `integr8_figures_timestamp_seconds{figures="dead_letters"} 2000`)

	f.tell(err)
	f.tell(err)
	require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("\n")), "a problem that lasts is logged once")
	f.audits.Queues = audit.Looked{}
	require.NoError(t, f.read(t.Context()))
	shown(`integr8_unaccounted_hits 5`, `integr8_figures_timestamp_seconds{figures="unaccounted"} 2000`)
}
