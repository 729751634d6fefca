package app_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
)

// TestAJobIsEstimatedCreatedOnceAndFollowedOverTheAPI: its result says what became of the
// hits, and the record which key ordered it.
func TestAJobIsEstimatedCreatedOnceAndFollowedOverTheAPI(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	of := s.north
	active := attribution.Active
	_, err := s.store.EditOffer(t.Context(), of.ID, of.paused, reference.OfferChange{Status: &active})
	require.NoError(t, err)
	order := map[string]any{"act": "replay", "filter": map[string]any{"reason": "offer_paused", "offer": of.paused}, "per_second": 50, "note": "it runs again"}
	ask := func(key, path string, body any, header http.Header) response {
		return s.do(key, call{method: http.MethodPost, path: path, body: body, header: header})
	}

	estimated := ask(of.keys[keys.Read], "/jobs/estimate", order, nil)
	require.Equal(t, http.StatusOK, estimated.StatusCode, "%s", estimated.body)
	var estimate jobs.Estimate
	require.NoError(t, json.Unmarshal(estimated.body, &estimate))
	require.EqualValues(t, 1, estimate.Result.Chosen)
	require.Equal(t, of.deadLetter, estimate.Sample[0].ID)
	require.Equal(t, http.StatusForbidden, ask(of.keys[keys.Read], "/jobs", order, nil).StatusCode)

	var ids []int64
	for range 2 { // the second is the same request, sent again
		created := ask(of.keys[keys.Operate], "/jobs", order, once("a replay"))
		require.Equal(t, http.StatusCreated, created.StatusCode, "%s", created.body)
		var job jobs.Job
		require.NoError(t, json.Unmarshal(created.body, &job))
		ids = append(ids, job.ID)
	}
	require.Equal(t, ids[0], ids[1])
	other := ask(of.keys[keys.Operate], "/jobs", map[string]any{"act": "discard", "filter": map[string]any{"all": true}}, once("a replay"))
	require.Equal(t, http.StatusUnprocessableEntity, other.StatusCode)

	// A worker may still have had the offer as it was, and refuse the hit again.
	require.Eventually(t, func() bool {
		job := s.ended(ids[len(ids)-1])
		require.Equal(t, jobs.Done, job.State)
		require.Equal(t, "a test (key ", job.By[:12])
		found, err := s.store.DeadLetters(t.Context(), dead.Filter{AccountID: of.ID, OfferID: of.paused, State: dead.StateResolved}, dead.OldestFirst, nil, 1)
		require.NoError(t, err)
		if len(found) == 1 {
			return true
		}
		created := ask(of.keys[keys.Operate], "/jobs", order, nil)
		var again jobs.Job
		require.NoError(t, json.Unmarshal(created.body, &again))
		ids = append(ids, again.ID)
		return false
	}, patience, 50*time.Millisecond)
	s.await(of.deadLetter, outcome.Converted)
	var shown jobs.Job
	require.Eventually(t, func() bool {
		for _, id := range ids {
			got := s.do(of.keys[keys.Read], call{method: http.MethodGet, path: "/jobs/" + number(id)})
			require.NoError(t, json.Unmarshal(got.body, &shown))
			if len(shown.Result.Became) == 1 && shown.Result.Became[0].Outcome == outcome.Converted {
				return true
			}
		}
		return false
	}, patience, 50*time.Millisecond)
	require.Zero(t, *shown.Result.OnTheWay)
	require.Equal(t, "it runs again", shown.Note)
}

func TestAWrongOrderOfAJobIsRefusedByPlace(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	for _, body := range []any{
		map[string]any{"act": "edit", "filter": map[string]any{"all": true}},
		map[string]any{"act": "replay", "filter": map[string]any{}},
		map[string]any{"act": "replay"},
		map[string]any{"act": "replay", "filter": map[string]any{"all": true, "offer": 1}},
		map[string]any{"act": "replay", "filter": map[string]any{"all": true}, "per_second": 0.01},
		map[string]any{"act": "replay", "filter": map[string]any{"all": true}, "per_second": 100000},
		map[string]any{"act": "discard", "filter": map[string]any{"text": "ann@example.com"}},
		map[string]any{"act": "discard", "filter": map[string]any{"network": "192.0.2.1/8"}},
		map[string]any{"act": "discard", "filter": map[string]any{"offer": "x"}},
	} {
		for _, path := range []string{"/jobs", "/jobs/estimate"} {
			got := s.do(s.north.keys[keys.Operate], call{method: http.MethodPost, path: path, body: body})
			require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, "%v: %s", body, got.body)
			require.NotContains(t, string(got.body), "ann@example.com")
		}
	}
	got := s.do(s.north.keys[keys.Read], call{method: http.MethodGet, path: "/jobs?cursor=x"})
	require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
	require.Equal(t, http.StatusForbidden, s.do(s.north.keys[keys.Read], call{method: http.MethodPost, path: "/jobs/" + number(s.north.job) + "/cancel"}).StatusCode)
}

// TestAnOperatorsJobWorksInAllAccountsOrInOne: and each account sees its own only.
func TestAnOperatorsJobWorksInAllAccountsOrInOne(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	discard := func(path string) (job jobs.Job) {
		created := s.do(s.operator, call{method: http.MethodPost, path: path, body: map[string]any{"act": "discard", "filter": map[string]any{"all": true}}})
		require.Equal(t, http.StatusCreated, created.StatusCode, "%s", created.body)
		require.NoError(t, json.Unmarshal(created.body, &job))
		return s.ended(job.ID)
	}
	one := discard("/jobs?account=" + number(s.north.ID))
	require.EqualValues(t, 1, *one.Result.Discarded)
	require.Equal(t, s.north.ID, one.AccountID)
	all := discard("/jobs")
	require.EqualValues(t, 1, *all.Result.Discarded)
	require.Zero(t, all.AccountID)
	show := func(key string, job jobs.Job) int {
		return s.do(key, call{method: http.MethodGet, path: "/jobs/" + number(job.ID)}).StatusCode
	}
	require.Equal(t, http.StatusOK, show(s.north.keys[keys.Read], one))
	require.Equal(t, http.StatusNotFound, show(s.north.keys[keys.Read], all))
	require.Equal(t, http.StatusNotFound, show(s.south.keys[keys.Read], one))
	require.Equal(t, http.StatusOK, show(s.operator, all))
}
