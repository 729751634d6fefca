package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

func keysOf(t *testing.T, list string) token.Keys {
	t.Helper()
	keys, err := token.ParseKeys(list)
	require.NoError(t, err)
	return keys
}

// posted is a request that a webhook was sent.
type posted struct {
	header http.Header
	body   []byte
}

// hook serves a webhook that responds with a status, and keeps what comes.
func hook(t *testing.T, status int) (string, chan posted) {
	t.Helper()
	came := make(chan posted, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		came <- posted{r.Header, body}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL, came
}

func notice(url string) alerts.Notice {
	return alerts.Notice{Event: alerts.Began, WebhookID: 5, URL: url,
		Alert: alerts.Alert{ID: 12, AccountID: 7, OfferID: 3, Text: "offer 3 of account 7: few conversions"}}
}

// TestANoticeIsSignedSoThatEitherSecretVerifiesIt while service secrets are changed.
func TestANoticeIsSignedSoThatEitherSecretVerifiesIt(t *testing.T) {
	t.Parallel()
	older, both := keysOf(t, "an older service secret"), keysOf(t, "a newer service secret,an older service secret")
	url, came := hook(t, http.StatusNoContent)
	require.NoError(t, NewWebhooks(both, true).Send(t.Context(), notice(url)))
	got := <-came
	require.Equal(t, "alert-12-alert.began", got.header.Get("Webhook-Id"))
	for _, secret := range []string{older.WebhookSecrets(5)[0], both.WebhookSecrets(5)[0]} {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		require.NoError(t, err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("alert-12-alert.began." + got.header.Get("Webhook-Timestamp") + "."))
		mac.Write(got.body)
		require.Contains(t, strings.Fields(got.header.Get("Webhook-Signature")), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	require.NotEqual(t, both.WebhookSecrets(5), both.WebhookSecrets(6), "each webhook has its own")
	var body struct {
		Type, Text string
		Alert      struct {
			ID, Offer int64
		}
	}
	require.NoError(t, json.Unmarshal(got.body, &body))
	require.Equal(t, "alert.began", body.Type)
	require.Equal(t, "offer 3 of account 7: few conversions", body.Text)
	require.EqualValues(t, 12, body.Alert.ID)
	require.EqualValues(t, 3, body.Alert.Offer)
}

func TestOnlyAnAnswerOfSuccessIsAnArrival(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusFound, http.StatusGone, http.StatusInternalServerError} {
		url, came := hook(t, status)
		err := NewWebhooks(keysOf(t, "a service secret for tests"), true).Send(t.Context(), notice(url))
		require.ErrorContains(t, err, fmt.Sprint("answered ", status))
		require.Len(t, came, 1, "a redirect is not followed")
	}
}

// TestAWebhookDoesNotLeadIntoTheNetworkOfTheService unless that is allowed, under
// whatever name.
func TestAWebhookDoesNotLeadIntoTheNetworkOfTheService(t *testing.T) {
	t.Parallel()
	url, came := hook(t, http.StatusOK)
	port := url[strings.LastIndex(url, ":"):]
	for _, address := range []string{url, "http://localhost" + port, "http://[::1]" + port, "http://[::ffff:127.0.0.1]" + port, "http://0.0.0.0" + port,
		"http://10.0.0.1" + port, "http://192.168.1.1", "http://169.254.169.254/latest/meta-data", "http://100.64.1.1", "http://[fd00::1]", "http://[fe80::1]",
		"http://192.0.0.192", "http://198.18.0.1", "http://240.0.0.1", "http://[::127.0.0.1]" + port, "http://[64:ff9b::127.0.0.1]" + port, "http://[64:ff9b:1::10.0.0.1]", "http://[2002:7f00:1::1]" + port} {
		err := NewWebhooks(keysOf(t, "a service secret for tests"), false).Send(t.Context(), notice(address+"/?key=s3cret"))
		require.ErrorContains(t, err, "not public", address)
		require.Contains(t, failure.Hint(err), "INTEGR8_ALERT_PRIVATE")
		require.NotContains(t, err.Error(), "s3cret")
		require.NotContains(t, err.Error(), "dial tcp", "an account sees no address of the service's network")
	}
	require.Empty(t, came)
}
