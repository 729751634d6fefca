package dead

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// TestTheJSONOfDeadLettersStaysAsItWas: scripts read these objects. The files were
// written before the types moved to this package.
func TestTheJSONOfDeadLettersStaysAsItWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC)
	later := at.Add(90 * time.Minute)
	id, act := uuid.MustParse("0195957f-0ab7-7000-8000-000000000001"), uuid.MustParse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")
	transaction, offer, unknown := "0195957f0ab7a1b2c3d4e5f600000001", int64(7), int64(0)
	h := &hit.Hit{ID: id, Kind: hit.Postback, ReceivedAt: at, Method: "GET", Host: "north.example", Path: "/postback",
		Params: map[string]string{"order_id": "A <1>", "status": "refunded"}}
	request, err := h.Encode()
	require.NoError(t, err)
	letter := Letter{ID: id, AccountID: 3, Kind: hit.Postback, Outcome: outcome.Rejected, Reason: outcome.UnsupportedStatus,
		OfferID: &offer, TransactionID: &transaction, ReceivedAt: at, DiedAt: at.Add(time.Second), Deaths: 2, Status: Replayed,
		State: StateOnTheWay, StatusAt: later, Payload: request, LastEvent: 9}
	odd := Letter{ID: id, Kind: "unknown", Outcome: outcome.Failed, Reason: outcome.Undecodable, Error: "no hit", ReceivedAt: at, DiedAt: at,
		Deaths: 1, Status: Open, State: StateOpen, StatusAt: at, Surplus: true, Payload: []byte("\x00no hit")}
	retention := Retention{Closed: 90 * 24 * time.Hour, UnknownToken: 30 * 24 * time.Hour}
	events := []Event{
		{LetterID: id, At: at.Add(time.Second), Event: WasMoved, AccountID: 3, FromAccountID: &unknown},
		{LetterID: id, At: at.Add(time.Second), Event: Died, AccountID: 3, Outcome: outcome.Failed, Reason: outcome.HandlerFailed, Error: "x", Attempts: 6},
		{LetterID: id, At: at.Add(2 * time.Second), Event: WasDiscarded, AccountID: 3, Act: &act, By: "ann@desk", Note: "a test"},
		{LetterID: id, At: at.Add(3 * time.Second), Event: CopyDied, AccountID: 3, Outcome: outcome.Rejected, Reason: outcome.OfferPaused},
		{LetterID: id, At: at.Add(4 * time.Second), Event: WasUndone, AccountID: 3, Act: &act, By: "ann@desk"},
	}
	decision := &Decision{At: later.Add(time.Hour), AccountID: 3, Outcome: outcome.Converted}
	reasons := []ReasonCount{{Reason: outcome.OfferPaused, Letters: 3, Oldest: at, Newest: later, Hint: "a hint"}}
	done, left, none := int64(2), int64(1), int64(0)
	shown, undecodable := detailOf(letter, events, decision, retention), detailOf(odd, nil, nil, retention)
	shown.Hint, undecodable.Hint = "a hint", "a hint"
	for name, value := range map[string]any{
		"listed":            []Listed{shown.Listed, undecodable.Listed},
		"shown":             shown,
		"shown_undecodable": undecodable,
		"reasons":           reasons,
		"replayed": Result{Chosen: 3, Replayed: &done, Undecodable: 1, Stand: 1, Reasons: reasons, Act: act, Warnings: []string{"a warning"},
			Became: []Became{{Outcome: outcome.Converted, Hits: 1}, {Outcome: outcome.Rejected, Reason: outcome.OfferPaused, DiedAgain: true, Hits: 1, Hint: "a hint"}}, OnTheWay: &left},
		"discarded": Result{Discarded: &none, DryRun: true, Reasons: []ReasonCount{}, Act: act},
		"undone": Result{Chosen: 3, Undone: &done, Interrupted: true, Reasons: reasons, Act: act,
			NotUndone: []StateCount{{State: StateResolved, Letters: 1}}, Expiring: 1},
	} {
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		require.NoError(t, encoder.Encode(value))
		want, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		require.NoError(t, err)
		require.Equal(t, string(want), got.String(), name)
	}
}
