package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/retention"
	"integr8/pipeline/monitor"
	"integr8/sql/store/storetest"
)

func TestHousekeepingDropsByTheDatabasesClockAndSaysSo(t *testing.T) {
	t.Parallel()
	database := storetest.NewDatabase(t)
	db, rows, keys := database.Store, database.Rows, database.Keys
	account := storetest.NewAccount(t, db, keys, "north")
	clicks := func() (count int) {
		require.NoError(t, rows.Get(&count, "SELECT count(*) FROM clicks"))
		return count
	}
	window := func(days int) {
		_, err := rows.Exec("UPDATE offers SET window_seconds = $1 * 86400", days)
		require.NoError(t, err)
	}
	old := time.Now().Add(-60 * 24 * time.Hour)
	for _, at := range []time.Time{old, time.Now().Add(-33 * 24 * time.Hour)} {
		day := at.UTC().Truncate(24 * time.Hour)
		low := func(at time.Time) string { return fmt.Sprintf("%012x%020x", at.UnixMilli(), 0) }
		_, err := rows.Exec(`SELECT ensure_partition('clicks', $1, $2, $3)`, day.Format("clicks_20060102"), low(day), low(day.AddDate(0, 0, 1)))
		require.NoError(t, err)
		_, err = rows.Exec(`INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at)
			VALUES ($1, $2, $3, $4, $5, $6)`, keys.Mint(at).UUID(), account.ID, uuid.New(), account.Offer, account.Publisher, at)
		require.NoError(t, err)
	}
	var logged bytes.Buffer
	h := &housekeeping{rounds: rounds{logger: slog.New(slog.NewTextHandler(&logged, nil)), what: "housekeeping"}, store: db, metrics: monitor.NewMetrics(),
		lateClicks: 24 * time.Hour, now: time.Now}

	require.NoError(t, h.round(t.Context()))
	require.Equal(t, 2, clicks(), "kept for ever unless something else is set")

	_, err := db.SetRetention(t.Context(), retention.Times{retention.Hits: 40 * 24 * time.Hour}, h.lateClicks)
	require.NoError(t, err)
	h.now = func() time.Time { return time.Now().Add(40 * 24 * time.Hour) }
	h.tell(h.round(t.Context()))
	h.tell(h.round(t.Context()))
	require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("level=WARN")), "a problem that lasts is logged once: %s", &logged)
	require.Contains(t, logged.String(), "nothing is dropped while the database's clock and this worker's differ")
	require.Equal(t, 2, clicks())

	h.now = time.Now
	window(100)
	require.ErrorContains(t, h.round(t.Context()), "nothing is dropped", "the window was widened past the check")
	window(30)

	h.tell(h.round(t.Context()))
	require.Equal(t, 1, clicks(), "the day of 60 days ago is gone, that of 33 stays")
	require.Contains(t, logged.String(), `msg="dropped a day by retention" table=clicks day=`+old.UTC().Format(time.DateOnly)+" kept=40d")
}
