package store_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/retention"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	sqlfiles "integr8/sql"
	"integr8/sql/store"
)

// lastOf returns the newest change of an object.
func (b *books) lastOf(noun history.Noun, id string) history.Entry {
	b.t.Helper()
	page, err := b.History(b.t.Context(), history.Filter{Noun: noun, ObjectID: id}, 0, 1)
	require.NoError(b.t, err)
	require.Len(b.t, page, 1)
	return page[0]
}

func TestTheHistoryHoldsOldAndNewValuesOfWhatChangedAndNoMore(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	made := openShop(t, b.Store, "Acme")
	ctx := history.By(t.Context(), "ann@desk")
	created := b.lastOf(history.Offer, "1")
	require.Equal(t, history.Create, created.Act)
	require.JSONEq(t, `{}`, string(created.Old))
	var all reference.Offer
	require.NoError(t, json.Unmarshal(created.New, &all))
	require.Equal(t, made.offer.Recorded(), all, "what --json shows, but for the link")

	payout, name := attribution.Money{Amount: decimal.RequireFromString("3.1")}, "Acme winter"
	_, err := b.EditOffer(ctx, 1, 1, reference.OfferChange{Payout: &payout, Name: &name, Currency: &made.offer.Currency})
	require.NoError(t, err)
	edited := b.lastOf(history.Offer, "1")
	require.Equal(t, "ann@desk", edited.By)
	require.EqualValues(t, 1, edited.AccountID)
	require.JSONEq(t, `{"payout": "2.50", "name": "Acme sale"}`, string(edited.Old))
	require.JSONEq(t, `{"payout": "3.10", "name": "Acme winter"}`, string(edited.New))

	require.NoError(t, b.SetOverride(ctx, 1, 1, made.publisher.ID, attribution.Override{Payout: &payout}))
	set := b.lastOf(history.Offer, "1")
	require.Equal(t, history.SetTerms, set.Act)
	require.JSONEq(t, `{"overrides": []}`, string(set.Old))
	require.JSONEq(t, `{"overrides": [{"publisher": 1, "payout": "3.10", "revenue": null}]}`, string(set.New))

	ceiling := decimal.NewFromInt(9)
	with, without := &ceiling, (*decimal.Decimal)(nil)
	for _, change := range []**decimal.Decimal{&with, &without} {
		_, err = b.EditOffer(ctx, 1, 1, reference.OfferChange{Ceiling: change})
		require.NoError(t, err)
	}
	removed := b.lastOf(history.Offer, "1")
	require.JSONEq(t, `{"ceiling": "9.00"}`, string(removed.Old))
	require.JSONEq(t, `{}`, string(removed.New))

	_, err = b.SetRetention(ctx, retention.Times{retention.ClosedDeadLetters: 0}, time.Hour)
	require.NoError(t, err)
	kept := b.lastOf(history.Retention, "")
	require.JSONEq(t, `{"closed_dead_letters": "90d"}`, string(kept.Old))
	require.JSONEq(t, `{"closed_dead_letters": "for ever"}`, string(kept.New))
}

// changesHistory matches a statement that changes or deletes rows of history.
var changesHistory = regexp.MustCompile(`(?is)\b(update|delete\s+from|truncate(\s+table)?|merge\s+into)\s+(only\s+)?"?history\b|\binsert\s+into\s+"?history\b.*\bon\s+conflict\b`)

func TestHistoryIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"UPDATE history SET actor = ''", "with x as (delete\nfrom only history) select 1", "TRUNCATE history",
		"INSERT INTO history (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET actor = ''"} {
		require.Regexp(t, changesHistory, statement, "the test sees it")
	}
	for _, name := range sqlfiles.Queries() {
		require.NotRegexp(t, changesHistory, sqlfiles.Query(name).Text, name)
	}
}

// TestAChangeThatHangsLetsOthersGoOn: a change that holds the lock waits for a row that
// another session has locked. The next change says that it waited, and goes on later.
func TestAChangeThatHangsLetsOthersGoOn(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	openShop(t, b.Store, "Acme")
	holder, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = holder.Rollback() }() // has been rolled back unless the test failed before
	_, err = holder.Exec("SELECT FROM publishers FOR UPDATE")
	require.NoError(t, err)
	hangs := make(chan error, 1)
	go func() {
		_, err := b.EditPublisher(context.Background(), 1, 1, reference.PublisherChange{Name: new("blog")})
		hangs <- err
	}()
	b.awaitLocks(1)
	_, waits := b.CreateAccount(t.Context(), "Other", reference.DefaultTimeZone)
	first := <-hangs
	require.Error(t, first, "it waited for the row for too long")
	require.True(t, store.IsLocked(first), "%v", first)
	require.NoError(t, holder.Rollback())
	if waits != nil { // else the first gave up in time
		require.True(t, store.IsLocked(waits), "%v", waits)
		_, waits = b.CreateAccount(t.Context(), "Other", reference.DefaultTimeZone)
	}
	require.NoError(t, waits)
}

func TestAChangeThatFailsOrChangesNothingLeavesNoHistory(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	made := openShop(t, b.Store, "Acme")
	_, err := b.CreateDomain(t.Context(), 1, "a.example.com")
	require.NoError(t, err)
	before := b.count("history")
	for name, failing := range map[string]func() error{
		"no account":   func() error { _, err := b.CreatePublisher(t.Context(), 99, "x"); return err },
		"no publisher": func() error { _, err := b.EditPublisher(t.Context(), 1, 99, reference.PublisherChange{}); return err },
		"no offer":     func() error { _, err := b.EditOffer(t.Context(), 2, 1, reference.OfferChange{}); return err },
		"no advertiser": func() error {
			_, err := b.EditOffer(t.Context(), 1, 1, reference.OfferChange{AdvertiserID: new(int64(9))})
			return err
		},
		"no own terms": func() error { return b.ClearOverride(t.Context(), 1, 1, 1) },
		"no token":     func() error { _, err := b.EditToken(t.Context(), 1, 99, noon); return err },
		"a host twice": func() error { _, err := b.CreateDomain(t.Context(), 1, "a.example.com"); return err },
		"no secret":    func() error { _, err := b.RetireSecret(t.Context(), printB); return err },
		"too short a time": func() error {
			_, err := b.SetRetention(t.Context(), retention.Times{retention.Hits: time.Hour}, time.Hour)
			return err
		},
	} {
		require.Error(t, failing(), name)
	}
	_, err = b.EditAccount(t.Context(), 1, reference.AccountChange{Name: new(made.account.Name)})
	require.NoError(t, err)
	require.Equal(t, before, b.count("history"))
}

func TestTheHistoryHoldsNoToken(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.changeEverything()
	var text string
	require.NoError(t, b.db.Get(&text, `SELECT string_agg(history::text, ' ') FROM history`))
	for _, secure := range secureTokens {
		digest := token.DigestOf(secure)
		require.NotContains(t, text, secure)
		require.NotContains(t, text, hex.EncodeToString(digest[:4]))
	}
}

// TestHistoryPagesNeitherSkipNorRepeat also shows that each filter excludes what it says.
func TestHistoryPagesNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for _, by := range []string{"ann@desk", "bob@desk"} {
		ctx := history.By(context.Background(), by)
		account, err := b.CreateAccount(ctx, by, reference.DefaultTimeZone)
		require.NoError(t, err)
		for range 5 {
			_, err := b.CreatePublisher(ctx, account.ID, "blog")
			require.NoError(t, err)
		}
	}
	var ids []int64
	for before := int64(0); ; before = ids[len(ids)-1] {
		page, err := b.History(t.Context(), history.Filter{}, before, 5)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, entry := range page {
			ids = append(ids, entry.ID)
		}
	}
	require.Equal(t, []int64{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, ids)
	var middle time.Time
	require.NoError(t, b.db.Get(&middle, `SELECT at FROM history WHERE id = 6`))
	for name, test := range map[string]struct {
		filter history.Filter
		want   int
	}{
		"account": {history.Filter{Account: 1}, 6},
		"noun":    {history.Filter{Noun: history.Publisher}, 10},
		"object":  {history.Filter{Noun: history.Account, ObjectID: "2"}, 1},
		"by":      {history.Filter{By: "BOB"}, 6},
		"since":   {history.Filter{Since: middle}, 7},
		"until":   {history.Filter{Until: middle}, 6},
	} {
		page, err := b.History(t.Context(), test.filter, 0, 100)
		require.NoError(t, err)
		require.Len(t, page, test.want, name)
	}
}

func TestACommandOnDeadLettersIsOneChangeOfTheHistory(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for i := range 4 {
		b.dead(1, outcome.OfferPaused, 10, noon.Add(time.Duration(i)*time.Second))
	}
	letters, err := b.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 10)
	require.NoError(t, err)
	act := dead.Act{ID: uuid.New(), Event: dead.WasDiscarded, By: "ann@desk", Note: "the buyer is gone",
		Order: dead.Ordered{Event: dead.WasDiscarded, Filter: dead.Filter{AccountID: 1, Reason: outcome.OfferPaused}, Letters: 4}}
	for _, page := range [][]dead.Letter{letters[:2], letters[2:]} {
		_, err := b.SettleDeadLetters(t.Context(), page, act)
		require.NoError(t, err)
	}
	require.Equal(t, 1, b.count("history"))
	done := b.lastOf(history.DeadLetters, act.ID.String())
	require.Equal(t, history.Discard, done.Act)
	require.Equal(t, "ann@desk", done.By)
	require.EqualValues(t, 1, done.AccountID)
	require.JSONEq(t, `{"filter": {"account_id": 1, "reason": "offer_paused"}, "dead_letters": 4, "note": "the buyer is gone"}`, string(done.New))
}
