package app_test

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// TestATraceShowsWhyAHitHasNoRowYet: the database refuses one hit for a while. Its trace has
// the error and when it is tried again, and keeps both when it is decided.
func TestATraceShowsWhyAHitHasNoRowYet(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	rows, err := sql.Open("postgres", s.options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	change := func(statement string) {
		_, err := rows.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	for _, statement := range []string{
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.request::text LIKE '%not-today%' THEN RAISE EXCEPTION 'not today'; END IF; RETURN NEW; END $$`,
		`CREATE TRIGGER refuse BEFORE INSERT ON hits FOR EACH ROW EXECUTE FUNCTION refuse()`,
	} {
		change(statement)
	}
	fired := s.fireForJSON("/postback", url.Values{"secure": {s.north.Global}, "transaction_id": {s.north.transaction}, "order_id": {"not-today"}})
	traced := func(enough func(trace.Trace) bool) (story trace.Trace) {
		require.Eventually(t, func() bool {
			_, got := s.send(s.north.keys[keys.Read], call{method: http.MethodGet, path: "/trace/" + fired.Receipt.String()})
			if got.StatusCode != http.StatusOK {
				return false
			}
			story = trace.Trace{}
			require.NoError(t, json.Unmarshal(got.body, &story))
			return enough(story)
		}, patience, 20*time.Millisecond)
		return story
	}
	decided := func(story trace.Trace) bool {
		return slices.ContainsFunc(story.Hits, func(h trace.Hit) bool { return h.ID == fired.Receipt })
	}
	story := traced(func(story trace.Trace) bool { return len(story.FailedAttempts) > 0 })
	require.False(t, decided(story))
	require.Len(t, story.Clicks, 1, "of the transaction_id that it names")
	failed := story.FailedAttempts[0]
	require.Equal(t, fired.Receipt, failed.HitID)
	require.Equal(t, hit.TopicPostbacks, failed.Queue)
	require.Contains(t, failed.Error, "not today")
	require.True(t, failed.NextAt.After(failed.FailedAt))

	change("DROP TRIGGER refuse ON hits")
	s.await(fired.Receipt, outcome.Duplicate)
	story = traced(decided)
	require.NotEmpty(t, story.FailedAttempts)
}
