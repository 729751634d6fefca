package app_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
)

// TestDeadLettersAreFoundBySenderAndByTextOverTheAPI: what is listed is what a job would act
// on.
func TestDeadLettersAreFoundBySenderAndByTextOverTheAPI(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	of := s.north
	key := of.keys[keys.Read]
	for query, wanted := range map[string]int{
		"text=" + of.order: 1, "text=nowhere": 0, "publisher=" + number(of.Publisher): 1, "network=127.0.0.0%2F24": 1, "network=192.0.2.0%2F24": 0,
		"token=" + number(of.token): 1, "token_digest=00112233": 0, "act=" + of.receipt.String(): 0, "status=silent": 0, "publisher=" + number(of.Publisher) + "&status=resolved": 0,
	} {
		got := s.do(key, call{method: http.MethodGet, path: "/dead-letters?" + query})
		require.Equal(t, http.StatusOK, got.StatusCode, "%s: %s", query, got.body)
		var page struct{ Items []struct{ Receipt string } }
		require.NoError(t, json.Unmarshal(got.body, &page))
		require.Len(t, page.Items, wanted, query)
		if wanted > 0 {
			require.Equal(t, of.deadLetter.String(), page.Items[0].Receipt)
		}
	}
	for _, wrong := range []string{"network=127.0.0.1", "token_digest=xyz", "act=nothing"} {
		got := s.do(key, call{method: http.MethodGet, path: "/dead-letters?" + wrong})
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, got.StatusCode, "%s: %s", wrong, got.body)
	}
	var counts struct {
		Items []struct {
			Reason  string
			Senders []struct {
				By     string
				Groups []struct {
					Network     string
					DeadLetters int64 `json:"dead_letters"`
				}
			}
		}
	}
	got := s.do(key, call{method: http.MethodGet, path: "/dead-letters/reasons?senders=3"})
	require.NoError(t, json.Unmarshal(got.body, &counts))
	require.Len(t, counts.Items, 1)
	senders := counts.Items[0].Senders
	require.Equal(t, "network", senders[len(senders)-1].By)
	require.Equal(t, "127.0.0.0/24", senders[len(senders)-1].Groups[0].Network)
	require.EqualValues(t, 1, senders[len(senders)-1].Groups[0].DeadLetters)
}

// TestADeadLetterIsReplayedAndDiscardedOverTheAPI: what was refused converts once its
// cause is mended, and the record says which key did it.
func TestADeadLetterIsReplayedAndDiscardedOverTheAPI(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	of := s.north
	act := func(what string, receipts ...uuid.UUID) response {
		return s.do(of.keys[keys.Operate], call{method: http.MethodPost, path: "/dead-letters/" + what,
			body: map[string]any{"receipts": receipts, "note": "the offer runs again"}})
	}
	read := func(got response) (result map[string]any) {
		require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
		require.NoError(t, json.Unmarshal(got.body, &result))
		return result
	}
	discarded := read(act("discard", of.deadLetter))
	require.Equal(t, 1.0, discarded["discarded"])

	active := attribution.Active
	_, err := s.store.EditOffer(t.Context(), of.ID, of.paused, reference.OfferChange{Status: &active})
	require.NoError(t, err)
	// A worker may still have the offer as it was, and refuse the hit again.
	require.Eventually(t, func() bool {
		replayed := act("replay", of.deadLetter)
		if replayed.StatusCode != http.StatusOK {
			return false
		}
		_, shown := s.send(of.keys[keys.Read], call{method: http.MethodGet, path: "/trace/" + of.deadLetter.String()})
		var story struct{ Conversions []any }
		require.NoError(t, json.Unmarshal(shown.body, &story))
		return len(story.Conversions) == 1
	}, patience, 50*time.Millisecond)
	s.await(of.deadLetter, outcome.Converted)

	shown := s.do(of.keys[keys.Read], call{method: http.MethodGet, path: "/dead-letters/" + of.deadLetter.String()})
	require.Contains(t, string(shown.body), `"by":"a test (key `)
	require.Contains(t, string(shown.body), `"note":"the offer runs again"`)

	// All or nothing: a receipt that is none of the account's stops the whole.
	for _, what := range []string{"replay", "discard"} {
		got := act(what, s.south.deadLetter, of.deadLetter)
		require.Equal(t, http.StatusNotFound, got.StatusCode)
		require.Equal(t, "not_found", problemIn(t, got).Reason)
	}
}
