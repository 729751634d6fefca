package store_test

import (
	"encoding/hex"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// sender is what a dead letter is known by.
type sender struct {
	reason           outcome.Reason
	offer, publisher int64
	token, ip, order string
	failure          string
}

// dies writes a dead letter of a sender, as a worker does.
func (b *books) dies(at time.Time, from sender) uuid.UUID {
	b.t.Helper()
	h := &hit.Hit{ID: b.idAt(at), Kind: hit.Postback, ReceivedAt: at, ClientIP: from.ip, Params: map[string]string{"order_id": from.order}}
	if from.token != "" {
		h.TokenDigest = token.DigestOf(from.token)
	}
	request, err := h.Encode()
	require.NoError(b.t, err)
	decision := attribution.Decision{Outcome: outcome.Rejected, Reason: from.reason, OfferID: from.offer, PublisherID: from.publisher}
	if from.offer != 0 {
		decision.AccountID = 1
	}
	b.write(&attribution.Record{Hit: h, Request: request, Decision: decision, Error: from.failure})
	return h.ID
}

// TestDeadLettersAreFilteredByEveryFieldOfAFilter also holds the list, the counts and what
// an act works on together: they have one condition. A field that is added to the filter
// and has no case here fails the test.
func TestDeadLettersAreFilteredByEveryFieldOfAFilter(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	b.party(2)
	b.offer(1, 10)
	known, err := b.ImportToken(t.Context(), 1, 0, "", token.DigestOf("known"))
	require.NoError(t, err)
	first := b.dies(noon, sender{outcome.OfferPaused, 1, 5, "known", "192.0.2.7", `A "7" <8>`, ""})
	second := b.dies(noon.Add(time.Second), sender{outcome.UnknownToken, 0, 6, "strange", "2001:db8:7:1::9", "B", ""})
	third := b.dies(noon.Add(2*time.Second), sender{outcome.HandlerFailed, 10, 0, "known", "::ffff:192.0.2.200", "C", `attempt 6: Division of "x" by zero`})
	b.exec(`UPDATE dead_letters SET kind = 'pixel', status = 'discarded' WHERE id = $1`, second)
	b.exec(`UPDATE dead_letters SET died_at = received_at`)
	b.exec(`UPDATE offers SET advertiser_id = 1 WHERE id = 10`)
	b.exec(`INSERT INTO dead_letter_events (letter_id, event, act, account_id) VALUES ($1, 'discarded', $2, 0)`, second, uuid.NameSpaceDNS)
	strange := token.DigestOf("strange")

	cases := map[string][]struct {
		filter dead.Filter
		want   []uuid.UUID
	}{
		"IDs":       {{dead.Filter{IDs: []uuid.UUID{first, third}}, []uuid.UUID{first, third}}},
		"AccountID": {{dead.Filter{AccountID: 1}, []uuid.UUID{first, third}}},
		"Reason":    {{dead.Filter{Reason: outcome.UnknownToken}, []uuid.UUID{second}}},
		"Kind":      {{dead.Filter{Kind: hit.Pixel}, []uuid.UUID{second}}},
		"OfferID":   {{dead.Filter{OfferID: 10}, []uuid.UUID{third}}},
		"Since":     {{dead.Filter{Since: noon.Add(time.Second)}, []uuid.UUID{second, third}}},
		"Until":     {{dead.Filter{Until: noon.Add(time.Second)}, []uuid.UUID{first, second}}},
		"State":     {{dead.Filter{State: dead.StateOpen}, []uuid.UUID{first, third}}},
		"Act":       {{dead.Filter{Act: uuid.NameSpaceDNS}, []uuid.UUID{second}}},
		"TokenID":   {{dead.Filter{TokenID: known.ID}, []uuid.UUID{first, third}}, {dead.Filter{TokenID: 99}, nil}},
		"TokenDigest": {
			{dead.Filter{TokenDigest: dead.DigestOf(strange)}, []uuid.UUID{second}},
			{dead.Filter{TokenDigest: dead.DigestPrefix(hex.EncodeToString(strange[:4]))}, []uuid.UUID{second}},
			{dead.Filter{TokenDigest: "00000000"}, nil},
		},
		"AdvertiserID": {{dead.Filter{AdvertiserID: 1}, []uuid.UUID{first, third}}, {dead.Filter{AdvertiserID: 2}, nil}},
		"PublisherID":  {{dead.Filter{PublisherID: 6}, []uuid.UUID{second}}},
		"Network": {
			{dead.Filter{Network: netip.MustParsePrefix("192.0.2.0/24")}, []uuid.UUID{first, third}},
			{dead.Filter{Network: netip.MustParsePrefix("2001:db8:7::/48")}, []uuid.UUID{second}},
			{dead.Filter{Network: netip.MustParsePrefix("192.0.3.0/24")}, nil},
		},
		"Text": {
			{dead.Filter{Text: `a "7" <8>`}, []uuid.UUID{first}},
			{dead.Filter{Text: `division of "X"`}, []uuid.UUID{third}},
			{dead.Filter{Text: "192.0.2.200"}, []uuid.UUID{third}},
			{dead.Filter{Text: "\xff"}, nil},
			{dead.Filter{Text: "%"}, nil},
		},
	}
	for i := range reflect.TypeFor[dead.Filter]().NumField() {
		field := reflect.TypeFor[dead.Filter]().Field(i).Name
		require.NotEmpty(t, cases[field], "a case for the field %s", field)
		for _, test := range cases[field] {
			letters, err := b.DeadLetters(t.Context(), test.filter, dead.OldestFirst, nil, 100)
			require.NoError(t, err)
			require.Equal(t, test.want, receipts(letters), "%s: %+v", field, test.filter)
			reasons, err := b.DeadReasons(t.Context(), test.filter)
			require.NoError(t, err)
			require.Len(t, reasons, len(test.want), "each letter here has its own reason")
			senders, err := b.DeadSenders(t.Context(), test.filter, 10)
			require.NoError(t, err)
			require.Len(t, senders, 4*len(test.want))
		}
	}
}

// TestSendersOfDeadLettersAreCountedByReason: of each kind those with the most letters are
// returned, and how many more there are.
func TestSendersOfDeadLettersAreCountedByReason(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	known, err := b.ImportToken(t.Context(), 1, 0, "", token.DigestOf("known"))
	require.NoError(t, err)
	paused := sender{reason: outcome.OfferPaused, offer: 1, publisher: 1, token: "known", ip: "192.0.2.7"}
	for i := range 3 {
		b.dies(noon.Add(time.Duration(i)*time.Second), paused)
	}
	paused.ip, paused.publisher = "198.51.100.1", 0
	b.dies(noon.Add(time.Minute), paused)
	for i, from := range []sender{{token: "strange", ip: "203.0.113.1"}, {token: "strange", ip: "203.0.113.200"}, {token: "other", ip: "2001:db8::1"}, {}} {
		from.reason = outcome.UnknownToken
		b.dies(noon.Add(time.Duration(i)*time.Hour), from)
	}
	b.exec(`UPDATE dead_letters SET died_at = received_at`)

	letters := dead.Letters{Store: b.Store}
	reasons, total, err := letters.Summary(t.Context(), dead.Filter{})
	require.NoError(t, err)
	require.EqualValues(t, 8, total)
	since, err := letters.Senders(t.Context(), dead.Filter{}, reasons, 1)
	require.NoError(t, err)
	require.Zero(t, since, "all were counted")

	one := int64(1)
	require.Equal(t, []dead.Senders{
		{By: dead.ByToken, Groups: []dead.SenderCount{{AccountID: 1, ID: &known.ID, Letters: 4, Oldest: noon, Newest: noon.Add(time.Minute)}}},
		{By: dead.ByAdvertiser, Groups: []dead.SenderCount{{AccountID: 1, ID: &one, Name: "advertiser", Letters: 4, Oldest: noon, Newest: noon.Add(time.Minute)}}},
		{By: dead.ByPublisher, Groups: []dead.SenderCount{{AccountID: 1, ID: &one, Name: "publisher 1", Letters: 3, Oldest: noon, Newest: noon.Add(2 * time.Second)}},
			MoreGroups: 1, MoreLetters: 1},
		{By: dead.ByNetwork, Groups: []dead.SenderCount{{Network: "192.0.2.0/24", Letters: 3, Oldest: noon, Newest: noon.Add(2 * time.Second)}},
			MoreGroups: 1, MoreLetters: 1},
	}, reasons[0].Senders)
	unknown := reasons[1].Senders
	require.Equal(t, dead.DigestOf(token.DigestOf("strange")), unknown[0].Groups[0].TokenDigest)
	require.EqualValues(t, 2, unknown[0].MoreGroups, "one other token, and none")
	require.EqualValues(t, 2, unknown[0].MoreLetters)
	require.Equal(t, []dead.SenderCount{{Letters: 4, Oldest: noon, Newest: noon.Add(3 * time.Hour)}}, unknown[1].Groups, "no advertiser is known")
	require.Equal(t, "203.0.113.0/24", unknown[3].Groups[0].Network)

	after, err := b.NthNewestDeath(t.Context(), dead.Filter{Reason: outcome.UnknownToken}, 2)
	require.NoError(t, err)
	require.Equal(t, noon.Add(time.Hour), after.UTC())
	after, err = b.NthNewestDeath(t.Context(), dead.Filter{Reason: outcome.UnknownToken}, 4)
	require.NoError(t, err)
	require.Zero(t, after)
}

// TestALetterIsFoundByATokenThatWasImportedLater also shows that a further death takes
// nothing away that is known of the sender.
func TestALetterIsFoundByATokenThatWasImportedLater(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	letter := b.dies(noon, sender{reason: outcome.UnknownToken, token: "late", ip: "192.0.2.7"})
	imported, err := b.ImportToken(t.Context(), 1, 0, "", token.DigestOf("late"))
	require.NoError(t, err)
	b.write(&attribution.Record{Hit: &hit.Hit{ID: letter, Kind: hit.Postback, ReceivedAt: noon}, Request: []byte("{}"),
		Decision: attribution.Decision{Outcome: outcome.Failed, Reason: outcome.HandlerFailed, AccountID: 1, PublisherID: 8}})
	found, err := b.DeadLetters(t.Context(), dead.Filter{TokenID: imported.ID, Network: netip.MustParsePrefix("192.0.2.0/24"), PublisherID: 8},
		dead.NewestFirst, nil, 10)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{letter}, receipts(found))
	require.Equal(t, 2, found[0].Deaths)
	require.Equal(t, &imported.ID, found[0].TokenID)
	require.Equal(t, "192.0.2.0/24", found[0].Network)
	require.EqualValues(t, 8, *found[0].PublisherID)
}

// beforeSenders is the last version of the schema in which only the payload names them.
const beforeSenders = 20

func TestAnUpgradeNamesTheSendersOfLettersThatAreThere(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	known, err := b.ImportToken(t.Context(), 1, 0, "", token.DigestOf("known"))
	require.NoError(t, err)
	written := b.dies(noon, sender{outcome.OfferPaused, 1, 5, "known", "2001:db8:7:1::9", "A", ""})
	named := b.dead(1, outcome.OfferPaused, 1, noon.Add(time.Second))
	odd := b.dead(1, outcome.Undecodable, 1, noon.Add(2*time.Second))
	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), beforeSenders)
	require.NoError(t, err)
	b.exec(`UPDATE dead_letters SET payload = convert_to('{"client_ip": "198.51.100.9", "publisher_id": 7}', 'UTF8') WHERE id = $1`, named)
	b.exec(`UPDATE dead_letters SET payload = '\x00ff' WHERE id = $1`, odd)
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)

	letters, err := b.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 10)
	require.NoError(t, err)
	of := map[uuid.UUID]dead.Letter{}
	for _, letter := range letters {
		of[letter.ID] = letter
	}
	require.Equal(t, &known.ID, of[written].TokenID)
	require.Equal(t, "2001:db8:7::/48", of[written].Network)
	require.EqualValues(t, 5, *of[written].PublisherID, "its hit knows the click's")
	require.EqualValues(t, 7, *of[named].PublisherID)
	require.Equal(t, "198.51.100.0/24", of[named].Network)
	require.Nil(t, of[odd].PublisherID)
	require.Empty(t, of[odd].Network)
}
