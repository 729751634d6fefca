package app_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver named "postgres"
	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/cmd/internal/stack"
	"integr8/handlers/operate/keys"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// replicated is a system with a primary and a standby of its own.
type replicated struct {
	t       *testing.T
	account *storetest.Account
	standby *stack.Stack
	replica *sql.DB
	hits    string
	api     string
	key     string
	sent    int
}

func replicate(t *testing.T, lag time.Duration) *replicated {
	t.Helper()
	dir := t.TempDir()
	primary := startPostgres(t, filepath.Join(dir, "primary"), stack.Options{Disposable: true})
	addresses, err := primary.Addresses()
	require.NoError(t, err)
	db, err := store.Open(addresses.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Migrate(t.Context())
	require.NoError(t, err)

	s := &replicated{t: t}
	s.standby = startPostgres(t, filepath.Join(dir, "standby"), stack.Options{Disposable: true, StandbyOf: addresses.DatabaseURL})
	copied, err := s.standby.Addresses()
	require.NoError(t, err)
	s.replica, err = sql.Open("postgres", copied.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.replica.Close()) })

	options := newOptions(t)
	options.Web.Rate = 0
	options.DatabaseURL, options.Web.ReplicaURL, options.Web.ReplicaLag = addresses.DatabaseURL, copied.DatabaseURL, lag
	s.account = storetest.NewAccount(t, db, options.Keys, "north")
	made, err := keys.Keys{Store: db}.Create(t.Context(), keys.NewKey{Account: s.account.ID, Role: keys.Read, Name: "a test"})
	require.NoError(t, err)
	s.key = made.Key
	system := start(t, options)
	web, err := system.WebAddr(t.Context())
	require.NoError(t, err)
	s.api = "http://" + web + "/api/v1"
	s.hits, err = system.HitsAddr(t.Context())
	require.NoError(t, err)
	return s
}

func startPostgres(t *testing.T, dir string, options stack.Options) *stack.Stack {
	t.Helper()
	servers := stack.New(dir, options)
	t.Cleanup(func() { require.NoError(t, servers.Clean(context.Background())) })
	_, err := servers.Start(t.Context(), stack.Postgres)
	require.NoError(t, err)
	return servers
}

// click sends a click.
func (s *replicated) click() {
	s.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get("http://" + s.hits + "/click?offer=" + number(s.account.Offer) + "&publisher=" + number(s.account.Publisher))
	require.NoError(s.t, err)
	require.NoError(s.t, answer.Body.Close())
	require.Equal(s.t, http.StatusFound, answer.StatusCode)
	s.sent++
}

// report returns the clicks that a report counts, and how far behind the replica was that
// it was read from.
func (s *replicated) report() (clicks int, behind float64, ofReplica bool) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.api+"/report?by=offer", nil)
	require.NoError(s.t, err)
	request.Header.Set("Authorization", "Bearer "+s.key)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, answer.Body.Close())
	require.Equal(s.t, http.StatusOK, answer.StatusCode, string(body))
	var counted struct {
		Total struct {
			Clicks int `json:"clicks"`
		} `json:"total"`
	}
	require.NoError(s.t, json.Unmarshal(body, &counted))
	text := answer.Header.Get(app.ReplicaHeader)
	if text != "" {
		behind, err = strconv.ParseFloat(text, 64)
		require.NoError(s.t, err)
	}
	return counted.Total.Clicks, behind, text != ""
}

// await waits until a report counts all clicks that were sent, and is read from the
// replica or not.
func (s *replicated) await(ofReplica bool) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		clicks, _, of := s.report()
		return clicks == s.sent && of == ofReplica
	}, patience, 50*time.Millisecond)
}

func (s *replicated) control(statement string) {
	s.t.Helper()
	_, err := s.replica.ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err)
}

// TestReportsReadTheReplicaAndThePrimaryWhileItCannotBeRead: a standby that follows, that
// stops replaying, that hangs, and that is no longer a standby.
func TestReportsReadTheReplicaAndThePrimaryWhileItCannotBeRead(t *testing.T) {
	t.Parallel()
	const lag = 10 * time.Second // more than a busy machine takes for a click and a report
	s := replicate(t, lag)
	s.click()
	s.await(true)

	s.control("SELECT pg_wal_replay_pause()")
	require.Eventually(t, func() bool { // the call only asks for it
		var state string
		return s.replica.QueryRowContext(t.Context(), "SELECT pg_get_wal_replay_pause_state()").Scan(&state) == nil && state == "paused"
	}, patience, 20*time.Millisecond)
	s.click()
	clicks, behind, ofReplica := s.report()
	require.True(t, ofReplica, "within its bound it is read")
	require.LessOrEqual(t, behind, lag.Seconds()+1)
	require.Equal(t, s.sent-1, clicks, "though it lacks the click")
	s.await(false)
	s.control("SELECT pg_wal_replay_resume()")
	s.await(true)

	require.NoError(t, s.standby.Pause(t.Context(), stack.Postgres))
	s.click()
	s.await(false)
	require.NoError(t, s.standby.Resume(t.Context(), stack.Postgres))
	s.await(true)

	s.control("SELECT pg_promote()")
	s.click()
	s.await(false)
}
