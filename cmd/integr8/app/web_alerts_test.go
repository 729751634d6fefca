package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// TestAnAlertIsPostedByTheProcessThatServesTheAPI, from the sums of hits to the webhook.
func TestAnAlertIsPostedByTheProcessThatServesTheAPI(t *testing.T) {
	t.Parallel()
	came := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Type, Text string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		came <- body.Type + " " + body.Text
	}))
	t.Cleanup(hook.Close)

	options := newOptions(t)
	options.Receiver, options.Worker = nil, nil
	options.Web.Alerts.PrivateWebhooks = true
	db, err := store.Open(options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	account := storetest.NewAccount(t, db, options.Keys, "north")
	_, err = alerts.Webhooks{Store: db, Keys: options.Keys}.Create(t.Context(), account.ID, hook.URL)
	require.NoError(t, err)
	_, err = alerts.Rules{Store: db}.Create(t.Context(), alerts.NewRule{Account: account.ID, EachOffer: true, Name: "quiet offers", Condition: alerts.NoConversions})
	require.NoError(t, err)
	raw, err := sqlx.Open("postgres", options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	_, err = raw.Exec(`INSERT INTO rollup_deltas VALUES (now() - interval '1 hour', $1, $2, 0, 'click', 'recorded', '', '', 300, 0, 0, 0)`, account.ID, account.Offer)
	require.NoError(t, err)

	start(t, options)
	select {
	case told := <-came:
		require.Regexp(t, `^alert\.began offer \d+ of account \d+: 0 conversions from 300 clicks in the 6h to `, told)
	case <-time.After(patience):
		t.Fatal("no notice came")
	}
	require.Eventually(t, func() bool {
		all, err := alerts.Log{Store: db}.List(t.Context(), alerts.Filter{Account: account.ID, On: true}, 0, 10)
		return err == nil && len(all) == 1 && all[0].Sent == 1
	}, patience, 10*time.Millisecond)
}
