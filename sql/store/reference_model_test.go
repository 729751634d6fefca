package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/networktest"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// editors edit reference data at random, while another process follows over a network that
// fails now and then.
type editors struct {
	t       *testing.T
	random  *rand.Rand
	db      *store.Store // of the editors
	admin   *sql.DB
	shops   []shop
	offers  []attribution.PartyID
	tokens  []attribution.PartyID
	domains []attribution.PartyID
	made    int

	proxy     *networktest.Proxy
	path      string
	following *store.Store
	reference *store.Reference
	stop      func()
}

func newEditors(t *testing.T, seed uint64) *editors {
	address := storetest.URL(t)
	db, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	to, err := url.Parse(address)
	require.NoError(t, err)
	proxy, err := networktest.New(to.Host)
	require.NoError(t, err)
	t.Cleanup(func() { _ = proxy.Close() })
	to.Host = proxy.Addr()
	following, err := store.Open(to.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = following.Close() }) // its connections may be broken
	e := &editors{t: t, random: rand.New(rand.NewPCG(seed, 19)), db: db, admin: openDirect(t, address),
		proxy: proxy, following: following, path: filepath.Join(t.TempDir(), "reference")}
	e.shops = []shop{openShop(t, db, "North"), openShop(t, db, "South")}
	for _, made := range e.shops {
		e.offers = append(e.offers, attribution.PartyID{AccountID: made.account.ID, ID: made.offer.ID})
	}
	e.start()
	return e
}

// start starts the process that follows.
func (e *editors) start() {
	e.reference = store.NewReference(e.following, store.ReferenceOptions{
		Poll: 50 * time.Millisecond, File: e.path, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := e.reference.Run(ctx); err != nil {
			e.t.Error(err)
		}
	})
	e.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	e.t.Cleanup(e.stop)
}

func one[T any](e *editors, of []T) T { return of[e.random.IntN(len(of))] }

func (e *editors) name() string {
	e.made++
	return fmt.Sprint("name ", e.made)
}

// edit makes a change through the store.
func (e *editors) edit() {
	t, ctx, made := e.t, e.t.Context(), one(e, e.shops)
	account := made.account.ID
	offer := one(e, e.offers)
	amount := attribution.Money{Amount: decimal.New(int64(e.random.IntN(9000)), -2), Percent: e.random.IntN(3) == 0}
	switch e.random.IntN(12) {
	case 0:
		_, err := e.db.CreatePublisher(ctx, account, e.name())
		require.NoError(t, err)
	case 1:
		status := one(e, []attribution.Status{attribution.Active, attribution.Paused})
		_, err := e.db.EditPublisher(ctx, account, made.publisher.ID, reference.PublisherChange{Status: &status, Name: new(e.name())})
		require.NoError(t, err)
	case 2:
		created, err := e.db.CreateOffer(ctx, attribution.Offer{AccountID: account, AdvertiserID: made.advertiser.ID, Name: e.name(),
			Destination: "https://shop.example/" + e.name(), Currency: "EUR", Payout: amount, Ceiling: &amount.Amount,
			Consent: attribution.Consent{Words: []string{"yes"}}})
		require.NoError(t, err)
		e.offers = append(e.offers, attribution.PartyID{AccountID: account, ID: created.ID})
	case 3, 4:
		_, err := e.db.EditOffer(ctx, offer.AccountID, offer.ID, reference.OfferChange{Name: new(e.name()), Payout: &amount})
		require.NoError(t, err)
	case 5:
		_, err := e.db.EditOffer(ctx, offer.AccountID, offer.ID, reference.OfferChange{Identity: &attribution.Identity{ManyPerClick: e.random.IntN(2) == 0}})
		require.NoError(t, err)
	case 6:
		require.NoError(t, e.db.SetOverride(ctx, account, made.offer.ID, made.publisher.ID, attribution.Override{Payout: &amount}))
	case 7:
		_ = e.db.ClearOverride(ctx, account, made.offer.ID, made.publisher.ID) // there may be none
	case 8:
		created, err := e.db.CreateToken(ctx, account, 0, "", func(int64) token.Digest { return token.DigestOf(e.name()) })
		require.NoError(t, err)
		e.tokens = append(e.tokens, attribution.PartyID{AccountID: account, ID: created.ID})
	case 9:
		created, err := e.db.ImportToken(ctx, account, made.offer.ID, "", token.DigestOf(e.name()))
		require.NoError(t, err)
		e.tokens = append(e.tokens, attribution.PartyID{AccountID: account, ID: created.ID})
	case 10:
		created, err := e.db.CreateDomain(ctx, account, fmt.Sprint("host", e.made, ".example"))
		require.NoError(t, err)
		e.domains = append(e.domains, attribution.PartyID{AccountID: account, ID: created.ID})
		e.made++
	case 11:
		e.editOld()
	}
}

// editOld changes a token or a domain. Two domains exchange their hosts, so that the
// process may see both changes at once.
func (e *editors) editOld() {
	if len(e.tokens) > 0 {
		old := one(e, e.tokens)
		_, err := e.db.EditToken(e.t.Context(), old.AccountID, old.ID, time.UnixMilli(e.random.Int64N(2e12)))
		require.NoError(e.t, err)
	}
	if len(e.domains) < 2 {
		return
	}
	a, b := e.domains[0], one(e, e.domains[1:])
	first, err := e.db.Domain(e.t.Context(), a.AccountID, a.ID)
	require.NoError(e.t, err)
	second, err := e.db.Domain(e.t.Context(), b.AccountID, b.ID)
	require.NoError(e.t, err)
	for _, change := range []struct {
		domain attribution.PartyID
		host   string
	}{{a, "between.example"}, {b, first.Host}, {a, second.Host}} {
		_, err := e.db.EditDomain(e.t.Context(), change.domain.AccountID, change.domain.ID, change.host)
		require.NoError(e.t, err)
	}
}

// byHand makes a change that is not in the history.
func (e *editors) byHand() {
	name := e.name()
	for statement, values := range map[string][]any{one(e, []string{
		"UPDATE offers SET name = $1 WHERE id % 2 = 0",
		"UPDATE publishers SET name = $1",
		"INSERT INTO publishers (account_id, name) SELECT min(id), $1 FROM accounts",
		"UPDATE tokens SET digest = sha256($1::text::bytea) WHERE id = (SELECT max(id) FROM tokens)",
		"DELETE FROM offer_overrides WHERE $1 <> ''",
		"INSERT INTO offer_identity SELECT account_id, id, now() + $1::text::interval, true FROM offers LIMIT 1",
	}): {name}} {
		if statement[:11] == "INSERT INTO" && statement[12:26] == "offer_identity" {
			values = []any{strconv.Itoa(e.made) + "s"}
		}
		_, err := e.admin.Exec(statement, values...)
		require.NoError(e.t, err)
	}
	if e.random.IntN(3) == 0 && len(e.domains) > 2 {
		last := e.domains[len(e.domains)-1]
		e.domains = e.domains[:len(e.domains)-1]
		_, err := e.admin.Exec("DELETE FROM domains WHERE id = $1", last.ID)
		require.NoError(e.t, err)
	}
}

// disturb makes the network fail, for a moment or until the next disturbance.
func (e *editors) disturb() {
	switch e.random.IntN(5) {
	case 0:
		e.proxy.Refuse()
	case 1:
		e.proxy.Break()
	case 2:
		terminateListeners(e.t, e.admin)
	case 3:
		e.deafen(true)
	case 4:
		e.restart()
	}
}

// deafen makes that no change is notified, or that each is.
func (e *editors) deafen(deaf bool) {
	text := "PERFORM pg_notify('integr8_reference', TG_TABLE_NAME);"
	if deaf {
		text = ""
	}
	_, err := e.admin.Exec("CREATE OR REPLACE FUNCTION notify_reference() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + text + " RETURN NULL; END $$")
	require.NoError(e.t, err)
}

// restart stops the process, and starts another from its file while the database cannot be
// reached.
func (e *editors) restart() {
	e.stop()
	last := e.reference.Current()
	e.proxy.Refuse()
	e.start()
	if last.LoadedAt.IsZero() {
		return // it was stopped before it had loaded, and there may be no file
	}
	<-e.reference.Usable()
	require.True(e.t, e.reference.Restored())
	requireSame(e.t, last, e.reference.Current())
}

// requireCaughtUp waits until the process holds what a load of everything returns.
func (e *editors) requireCaughtUp() {
	e.t.Helper()
	e.proxy.Pass()
	e.deafen(false)
	loaded, err := e.db.LoadSnapshot(e.t.Context())
	require.NoError(e.t, err)
	want, different := contentsOf(e.t, loaded), ""
	require.Eventually(e.t, func() bool {
		different = cmp.Diff(want, contentsOf(e.t, e.reference.Current()), cmpopts.EquateEmpty())
		return different == ""
	}, patience, 20*time.Millisecond, "%s", &different)
}

func TestAProcessThatFollowsHoldsWhatALoadOfEverythingReturns(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			e := newEditors(t, seed)
			for range 12 {
				for range 15 {
					switch n := e.random.IntN(20); {
					case n == 0:
						e.byHand()
					case n == 1:
						e.disturb()
					default:
						e.edit()
					}
				}
				e.requireCaughtUp()
			}
		})
	}
}

// TestNoSnapshotMixesStates edits one publisher and then another, again and again, and by
// hand a publisher and an offer in one transaction, which a load of everything reads by
// different statements. Each snapshot must be as it was at one moment, and none older than
// the one before.
func TestNoSnapshotMixesStates(t *testing.T) {
	t.Parallel()
	e := newEditors(t, 7)
	<-e.reference.Loaded()
	account, offer := e.shops[0].account.ID, e.shops[0].offer.ID
	_, err := e.db.EditOffer(t.Context(), account, offer, reference.OfferChange{Name: new("0")})
	require.NoError(t, err)
	var ids [3]int64
	for i := range ids {
		created, err := e.db.CreatePublisher(t.Context(), account, "0")
		require.NoError(t, err)
		ids[i] = created.ID
	}
	await(t, e.reference, knows(account, ids[2]))

	ctx, cancel := context.WithCancel(t.Context())
	var checking sync.WaitGroup
	checking.Go(func() {
		var last [4]int
		for ctx.Err() == nil {
			snapshot := e.reference.Current()
			var now [4]int
			for i, id := range ids {
				publisher, _ := snapshot.Publisher(account, id)
				now[i], _ = strconv.Atoi(publisher.Name)
				if now[i] < last[i] {
					t.Errorf("publisher %d went back from %d to %d", id, last[i], now[i])
				}
			}
			beside, _ := snapshot.Offer(offer)
			now[3], _ = strconv.Atoi(beside.Name)
			if now[0] < now[1] || now[0] > now[1]+1 || now[2] != now[3] {
				t.Errorf("no state was ever %v", now)
			}
			last = now
			time.Sleep(time.Millisecond)
		}
	})
	for n := 1; n <= 60; n++ {
		name := strconv.Itoa(n)
		for _, id := range ids[:2] {
			_, err := e.db.EditPublisher(t.Context(), account, id, reference.PublisherChange{Name: &name})
			require.NoError(t, err)
		}
		for part := range 10 {
			name := strconv.Itoa(10*n + part)
			_, err := e.admin.Exec("BEGIN; UPDATE publishers SET name = '" + name + "' WHERE id = " + fmt.Sprint(ids[2]) +
				"; UPDATE offers SET name = '" + name + "' WHERE id = " + fmt.Sprint(offer) + "; COMMIT")
			require.NoError(t, err)
		}
		if n == 30 {
			e.proxy.Break()
		}
	}
	await(t, e.reference, func(s *attribution.Snapshot) bool {
		last, _ := s.Publisher(account, ids[1])
		return last.Name == "60"
	})
	cancel()
	checking.Wait()
}

// TestAnEditLoadsWhatChangedAndNothingElse: a change without any trace is not seen with the
// next edit, which shows that this loads no more than what it changed.
func TestAnEditLoadsWhatChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	e := newEditors(t, 1)
	<-e.reference.Loaded()
	edited, hidden := e.shops[0], e.shops[1]
	e.hide("UPDATE publishers SET name = 'hidden' WHERE id = $1", hidden.publisher.ID)
	_, err := e.db.EditPublisher(t.Context(), edited.account.ID, edited.publisher.ID, reference.PublisherChange{Name: new("edited")})
	require.NoError(t, err)
	await(t, e.reference, func(s *attribution.Snapshot) bool { return publisherName(s, edited) == "edited" })
	require.Equal(t, hidden.publisher.Name, publisherName(e.reference.Current(), hidden))

	_, err = e.admin.Exec("UPDATE offers SET name = 'by hand'")
	require.NoError(t, err)
	await(t, e.reference, func(s *attribution.Snapshot) bool { return publisherName(s, hidden) == "hidden" })
}

// hide makes a change of publishers without any trace.
func (e *editors) hide(statement string, values ...any) {
	e.t.Helper()
	_, err := e.admin.Exec("ALTER TABLE publishers DISABLE TRIGGER USER")
	require.NoError(e.t, err)
	_, err = e.admin.Exec(statement, values...)
	require.NoError(e.t, err)
	_, err = e.admin.Exec("ALTER TABLE publishers ENABLE TRIGGER USER; ALTER TABLE publishers ENABLE ALWAYS TRIGGER revision")
	require.NoError(e.t, err)
}

// TestReferenceLoadsEverythingWhenTheHistoryIsAnother: a standby that lacked the last
// commits has taken the server's place.
func TestReferenceLoadsEverythingWhenTheHistoryIsAnother(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{
		"its last row is another": "UPDATE history SET at = at + interval '1 us' WHERE id = (SELECT max(id) FROM history)",
		"its last row is missing": "DELETE FROM history WHERE id = (SELECT max(id) FROM history)",
	} {
		t.Run(name, func(t *testing.T) {
			e := newEditors(t, 2)
			<-e.reference.Loaded()
			e.hide("UPDATE publishers SET name = 'of the standby'")
			_, err := e.admin.Exec(other)
			require.NoError(t, err)
			await(t, e.reference, func(s *attribution.Snapshot) bool { return publisherName(s, e.shops[0]) == "of the standby" })
		})
	}
}
