package console

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/users"
	"integr8/pipeline/outcome"
)

// TestAJobIsShownInEachState of its life, and is asked for again until nothing changes.
func TestAJobIsShownInEachState(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Operator})
	replayed, left := int64(3), int64(1)
	for _, act := range bulkActs {
		for _, state := range jobs.States() {
			for _, followed := range []bool{false, true} {
				job := jobShownOf(jobs.Job{ID: 7, Act: act, State: state, Followed: followed, PerSecond: 2, Swept: 3, CreatedAt: time.Now(),
					Result: dead.Result{Chosen: 9, Replayed: &replayed, OnTheWay: &left, Act: uuid.New(), Warnings: []string{"it stands"},
						Became: []dead.Became{{Outcome: outcome.Converted, Hits: 1}, {Outcome: outcome.Rejected, Reason: outcome.OfferPaused, DiedAgain: true, Hits: 1}}}})
				var made bytes.Buffer
				require.NoError(t, c.pages.byName["job"].ExecuteTemplate(&made, "job", shown{Operates: true, Data: job}))
				require.Equal(t, !state.Ended() || !followed, bytes.Contains(made.Bytes(), []byte(`hx-get="/jobs/7"`)))
				require.Equal(t, !state.Ended(), bytes.Contains(made.Bytes(), []byte(`/jobs/7/cancel`)))
				require.Equal(t, state.Ended() && act == history.Discard, bytes.Contains(made.Bytes(), []byte(`/dead/all/undo?act=`)))
			}
		}
	}
}
