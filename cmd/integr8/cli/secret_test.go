package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

// TestNoTokenAndNoAddressStandsAnywhere sends tokens and e-mail addresses in
// every place where senders put them, and then searches all that the system
// keeps: every row of the database, every queue, every log line.
func TestNoTokenAndNoAddressStandsAnywhere(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	const imported = "Zk3-legacy-token_of.another~tracker"
	_, err := s.store.ImportToken(context.Background(), s.ID, 0, "", token.DigestOf(imported))
	require.NoError(t, err)
	address, forged := "ann.smith+shop@mail.example.com", "a-forged-token-that-nobody-issued"
	s.startReceiver()

	id := s.click()
	tokens := []string{s.Global, s.OfferToken, imported, forged}
	receipts := []string{}
	keep := func(a answer) {
		if a.receipt != "" {
			receipts = append(receipts, a.receipt)
		}
	}
	for _, token := range tokens {
		keep(s.get("/", "secure", token, "transaction_id", id, "user_email", address, "email", address))
		keep(s.get("/postback", "SECURE", token, "transaction_id", id))
		keep(s.get("/postback", "secure", token)) // refused, and recorded
		keep(s.get("/postback", "secure", token, "transaction_id", "{clickid}", "sub_id", address))
		keep(s.do(http.MethodGet, "", "/?"+query("secure", token, "transaction_id", id)+"&secure="+token, "", ""))
		keep(s.do(http.MethodPost, "", "/", "application/json", fmt.Sprintf(
			`{"secure":%q,"transaction_id":%q,"customer":{"mail":%q,"key":%q}}`, token, id, address, s.Global)))
		keep(s.do(http.MethodPost, "", "/postback?secure="+token, "application/x-www-form-urlencoded",
			query("transaction_id", id, address, "1", "note", "write to "+address+" please")))
		keep(s.pixel("secure", token, "transaction_id", id, "user_email", address))
		keep(s.get("/clickless", "secure", token, "offer", number(s.Offer), "publisher", number(s.Publisher),
			"user_email", strings.ToUpper(address), "external_transaction_id", address))
		// In a tracking link it is a leak.
		leak := s.get("/click", "offer", number(s.Offer), "publisher", number(s.Publisher), "secure", token, "sub_id", address)
		require.Equal(t, http.StatusFound, leak.status)
		require.NotContains(t, leak.header.Get("Location"), token)
		keep(leak)

		request, err := http.NewRequest(http.MethodGet, s.base+"/postback?"+query("secure", token, "transaction_id", id), nil)
		require.NoError(t, err)
		request.Header.Set("Referer", "https://shop.example/thanks?secure="+url.QueryEscape(token)+"&mail="+url.QueryEscape(address))
		request.Header.Set("User-Agent", "bot ("+address+") "+s.Global)
		keep(s.send(request))
	}
	// Tokens of ours are known by their shape, imported ones by their digest,
	// even where no token belongs: neither is kept. A redirect leaves out only
	// what shows by its shape. Did it leave out imported ones too, whoever asks
	// could learn from it which text is somebody's token.
	redirect := func(label string) answer {
		link := s.get("/click", "offer", number(s.Offer), "publisher", number(s.Publisher), "sub_id", label)
		require.Equal(t, http.StatusFound, link.status)
		return link
	}
	for _, token := range tokens[:3] {
		link := redirect(token)
		require.Equal(t, token == imported, strings.Contains(link.header.Get("Location"), token))
		keep(link)
		keep(s.get("/", "secure", s.Global, "transaction_id", id, "order_id", token))
	}
	const nobodys = "Zk3-legacy-token_of.nobody~at-all"
	require.Contains(t, redirect(nobodys).header.Get("Location"), nobodys, "as with an imported token")

	secrets := append(tokens, address, strings.ToUpper(address), "ann.smith", url.QueryEscape(address))
	clean := func(place, text string) {
		t.Helper()
		for _, secret := range secrets {
			require.NotContains(t, strings.ToLower(text), strings.ToLower(secret), "in %s", place)
		}
	}
	for _, queue := range []string{"clicks", "postbacks"} {
		clean("queue "+queue, s.queued(t, queue))
	}
	stop := s.startWorker()
	for _, receipt := range receipts {
		s.until(receipt, func(row) bool { return true })
	}
	stop()
	require.Positive(t, s.count("token_leaks WHERE account_id = $1", s.ID))
	require.Positive(t, s.count("hits WHERE reason = 'unknown_token'"))
	for _, queue := range []string{"clicks", "postbacks", "dead", "retry.1s"} {
		for message := range strings.Lines(s.queued(t, queue)) {
			require.Contains(t, message, ` {"statement":`, "the receiver, which goes on, states its promises")
		}
	}
	dump := s.dump(t)
	require.Contains(t, dump, id, "the dump shows what is there")
	clean("the database", dump)
	clean("the logs", s.logs.text())
	for _, password := range []string{s.variables["INTEGR8_SECRET"], passwordOf(t, s.variables["AMQP_URL"]), passwordOf(t, s.variables["DATABASE_URL"])} {
		if password != "" && password != "guest" {
			require.NotContains(t, s.logs.text(), password)
		}
	}
	digest := token.DigestOf(s.Global)
	require.Equal(t, 1, s.count("tokens WHERE digest = $1", digest[:]), "only digests are stored")
}

// queued returns everything that waits in a queue, and leaves it there.
func (s *system) queued(t *testing.T, queue string) string {
	t.Helper()
	channel := s.channel(t)
	var all strings.Builder
	for {
		delivery, ok, err := channel.Get(s.topology.Prefix+queue, false)
		require.NoError(t, err)
		if !ok {
			require.NoError(t, channel.Close()) // gives them back
			return all.String()
		}
		fmt.Fprintf(&all, "%v %s %s\n", delivery.Headers, delivery.MessageId, delivery.Body)
	}
}

// dump returns every row of every table as text.
func (s *system) dump(t *testing.T) string {
	t.Helper()
	connection, err := s.db.Connx(context.Background())
	require.NoError(t, err)
	defer connection.Close()
	_, err = connection.ExecContext(context.Background(), "SET bytea_output = 'escape'")
	require.NoError(t, err)
	var tables []string
	require.NoError(t, connection.SelectContext(context.Background(), &tables,
		"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"))
	var all strings.Builder
	for _, table := range tables {
		var rows []string
		require.NoError(t, connection.SelectContext(context.Background(), &rows, "SELECT entry::text FROM "+table+" entry"))
		for _, row := range rows {
			all.WriteString(table + " " + row + "\n")
		}
	}
	return all.String()
}

func passwordOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	password, _ := parsed.User.Password()
	return password
}
