package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/handlers/operate/receipt"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// accepted is a door's answer in JSON.
type accepted struct {
	Receipt uuid.UUID `json:"receipt"`
	Link    string    `json:"link"`
}

// fireForJSON sends a hit and returns the receipt and the link of the answer.
func (s *served) fireForJSON(path string, parameters url.Values) (found accepted) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.hits+path+"?"+parameters.Encode(), nil)
	require.NoError(s.t, err)
	request.Header.Set("Accept", "application/json")
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, json.Unmarshal(text, &found))
	require.Equal(s.t, response.Header.Get("X-Receipt"), found.Receipt.String())
	return found
}

// askForReceipt asks at a path what became of a hit.
func (s *served) askForReceipt(path string, header ...string) (status int, found receipt.Receipt, answered http.Header) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, strings.TrimSuffix(s.base, "/api/v1")+path, nil)
	require.NoError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	if response.StatusCode == http.StatusOK {
		require.NoError(s.t, json.Unmarshal(text, &found))
	}
	return response.StatusCode, found, response.Header
}

// becomes asks until a hit has a state.
func (s *served) becomes(want receipt.State, path string, header ...string) (found receipt.Receipt) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		var status int
		status, found, _ = s.askForReceipt(path, append(header, "Prefer", "wait=1")...)
		return status == http.StatusOK && found.State == want
	}, patience, time.Millisecond, "%s never became %s", path, want)
	return found
}

// TestASenderSeesWhatBecameOfHisHit by the link of the answer, and by his token.
func TestASenderSeesWhatBecameOfHisHit(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	north := s.north
	repeated := s.fireForJSON("/postback", url.Values{"secure": {north.Global}, "transaction_id": {north.transaction}, "order_id": {north.order}})
	found := s.becomes("duplicate", repeated.Link)
	require.Equal(t, hit.Postback, found.Kind)
	require.Equal(t, &north.receipt, found.DuplicateOf)
	require.True(t, found.Final)
	require.Equal(t, "The conversion was recorded before, by the same kind of URL", found.Detail)

	byToken := []string{"Authorization", "Bearer " + north.Global}
	converted := s.becomes("converted", "/receipt/"+north.receipt.String(), byToken...)
	require.NotNil(t, converted.ConversionID)
	require.NotNil(t, converted.DecidedAt)
	rejected := s.becomes("rejected", "/receipt/"+north.deadLetter.String(), byToken...)
	require.Equal(t, "offer_paused", rejected.Reason)
	require.Equal(t, outcome.OfferPaused.SenderText(""), rejected.Detail)

	// Its click never comes.
	waiting := s.fireForJSON("/postback", url.Values{"secure": {north.Global}, "transaction_id": {s.keys.Mint(time.Now()).String()}})
	found = s.becomes("waiting", waiting.Link)
	require.False(t, found.Final)

	refused := s.fireForJSON("/postback", url.Values{"secure": {north.Global}, "transaction_id": {"{transaction_id}"}})
	require.Equal(t, "placeholder_transaction_id", s.becomes("rejected", refused.Link).Reason)
}

func TestAReceiptIsShownToItsSenderOnly(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	own := s.fireForJSON("/postback", url.Values{"secure": {s.north.Global}, "transaction_id": {s.north.transaction}, "order_id": {s.north.order}})
	s.becomes("duplicate", own.Link)
	other := s.fireForJSON("/postback", url.Values{"secure": {s.south.Global}, "transaction_id": {s.south.transaction}, "order_id": {s.south.order}})
	_, signature, _ := strings.Cut(other.Link, "?sig=")
	path := "/receipt/" + own.Receipt.String()
	for name, ask := range map[string][]string{
		"nothing shown":             {path},
		"another account's token":   {path, "Authorization", "Bearer " + s.south.Global},
		"another token of its own":  {path, "Authorization", "Bearer " + s.north.OfferToken},
		"a key of the API":          {path, "Authorization", "Bearer " + s.operator},
		"the signature of another":  {path + "?sig=" + signature},
		"no signature":              {path + "?sig=", "Prefer", "wait=5"},
		"a receipt that is not one": {"/receipt/x?sig=" + signature},
		"one that never was":        {"/receipt/" + uuid.NewString(), "Authorization", "Bearer " + s.north.Global},
	} {
		status, _, _ := s.askForReceipt(ask[0], ask[1:]...)
		require.Equal(t, http.StatusNotFound, status, name)
	}
}

// TestAnAddressThatGuessesTokensOfReceiptsIsRefusedForAWhile: signed links, tokens that have
// opened a receipt, and other addresses go on.
func TestAnAddressThatGuessesTokensOfReceiptsIsRefusedForAWhile(t *testing.T) {
	t.Parallel()
	s := serveAPI(t, func(o *app.Options) {
		o.Web.WrongKeys, o.Web.TrustedProxies = 3, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	const guesser, other = "198.51.100.7", "198.51.100.8"
	north, south := "/receipt/"+s.north.receipt.String(), "/receipt/"+s.south.receipt.String()
	ask := func(path, token, from string) (int, http.Header) {
		status, _, header := s.askForReceipt(path, "Authorization", token, "X-Forwarded-For", from)
		return status, header
	}
	known, fresh := "Bearer "+s.north.Global, "Bearer "+s.south.Global
	status, _ := ask(north, known, guesser)
	require.Equal(t, http.StatusOK, status)
	var refused http.Header
	for i := range 100 { // a slow machine may forgive some meanwhile
		if status, refused = ask(north, "Bearer guess "+strconv.Itoa(i), guesser); status != http.StatusNotFound {
			break
		}
	}
	require.Equal(t, http.StatusTooManyRequests, status)
	seconds, err := strconv.Atoi(refused.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, seconds)
	require.LessOrEqual(t, seconds, 20)
	status, _ = ask(south, fresh, guesser)
	require.Equal(t, http.StatusTooManyRequests, status, "it has opened nothing yet")
	status, _ = ask(north+"?sig="+strings.Repeat("0", 32), "", guesser)
	require.Equal(t, http.StatusTooManyRequests, status, "a link is guessed")

	status, _ = ask(north, known, guesser)
	require.Equal(t, http.StatusOK, status, "it has opened a receipt before")
	for range 10 {
		status, _ = ask("/receipt/"+uuid.NewString(), known, guesser)
		require.Equal(t, http.StatusNotFound, status, "its hit is not recorded")
	}
	status, _ = ask(south+"?sig="+s.keys.SignReceipt(s.south.receipt), fresh, guesser)
	require.Equal(t, http.StatusOK, status, "a link that a door signed")
	status, _ = ask(south, fresh, guesser)
	require.Equal(t, http.StatusTooManyRequests, status, "a link says nothing of the token beside it")
	status, _ = ask(south, fresh, other)
	require.Equal(t, http.StatusOK, status, "another address")
}

// TestAHitThatIsOnItsWayIsAccepted: nothing is recorded of it yet, but a door has signed.
func TestAHitThatIsOnItsWayIsAccepted(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	id := uuid.Must(uuid.NewV7())
	status, found, header := s.askForReceipt("/receipt/"+id.String()+"?sig="+s.keys.SignReceipt(id), "Prefer", `respond-async, wait="1"`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, receipt.Receipt{Receipt: id, State: "accepted"}, found)
	require.Equal(t, "wait=1", header.Get("Preference-Applied"))
	require.Equal(t, "1", header.Get("Retry-After"))
	require.Equal(t, "no-store", header.Get("Cache-Control"))
}
