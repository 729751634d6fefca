package store_test

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

func TestSnapshotHoldsAllReferenceDataAndSurvivesItsFile(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	own, other := openShop(t, db, "Own"), openShop(t, db, "Other")
	payout := attribution.Money{Amount: decimal.RequireFromString("3.333333")}
	require.NoError(t, db.SetOverride(t.Context(), own.account.ID, own.offer.ID, own.publisher.ID, attribution.Override{Payout: &payout}))
	_, err := db.CreateDomain(t.Context(), other.account.ID, "track.example")
	require.NoError(t, err)
	_, err = db.CreateToken(t.Context(), own.account.ID, 0, "", func(int64) token.Digest { return token.DigestOf("generated") })
	require.NoError(t, err)
	before, err := db.LoadSnapshot(t.Context())
	require.NoError(t, err)
	require.True(t, before.OnlyGenerated())
	imported, err := db.ImportToken(t.Context(), own.account.ID, own.offer.ID, "", token.DigestOf("token"))
	require.NoError(t, err)

	_, err = db.EditOffer(t.Context(), own.account.ID, own.offer.ID, reference.OfferChange{Identity: manyPerClick})
	require.NoError(t, err)
	loaded, err := db.LoadSnapshot(t.Context())
	require.NoError(t, err)
	require.False(t, loaded.OnlyGenerated())
	path := filepath.Join(t.TempDir(), "reference")
	require.NoError(t, store.SaveSnapshot(loaded, path))
	read, err := store.ReadSnapshot(path)
	require.NoError(t, err)
	requireSame(t, loaded, read)
	require.False(t, read.OnlyGenerated())

	for name, snapshot := range map[string]*attribution.Snapshot{"loaded": loaded, "read back": read} {
		t.Run(name, func(t *testing.T) {
			require.WithinDuration(t, time.Now(), snapshot.LoadedAt, time.Minute)
			row, ok := snapshot.Token(token.DigestOf("token"))
			require.True(t, ok)
			require.Equal(t, imported.Token, row)
			offer, ok := snapshot.Offer(own.offer.ID)
			require.True(t, ok)
			want, err := db.Offer(t.Context(), own.account.ID, own.offer.ID)
			require.NoError(t, err)
			require.Len(t, offer.Later, 1)
			want.KnownUntil = snapshot.IdentityKnownUntil
			require.Empty(t, cmp.Diff(want.Offer, offer))
			publisher, ok := snapshot.Publisher(other.account.ID, other.publisher.ID)
			require.True(t, ok)
			require.Equal(t, other.publisher.Name, publisher.Name)
			account, ok := snapshot.Domain("track.example")
			require.True(t, ok)
			require.Equal(t, other.account.ID, account)

			_, ok = snapshot.Token(token.DigestOf("another"))
			require.False(t, ok)
			_, ok = snapshot.Offer(99)
			require.False(t, ok)
			_, ok = snapshot.Publisher(own.account.ID, other.publisher.ID)
			require.False(t, ok)
			_, ok = snapshot.Domain("elsewhere.example")
			require.False(t, ok)
		})
	}
}

// contents are all objects of a snapshot, each as a look-up returns it.
type contents struct {
	Secrets       []token.KnownSecret
	DroppedDays   []int64
	Offers        map[int64]attribution.Offer
	Publishers    map[attribution.PartyID]attribution.Publisher
	Tokens        map[token.Digest]attribution.Token
	Domains       map[int64]attribution.Domain
	Hosts         map[string]int64
	Sizes         attribution.Sizes
	OnlyGenerated bool
}

func contentsOf(t *testing.T, s *attribution.Snapshot) contents {
	t.Helper()
	c := contents{s.Secrets, s.DroppedClickDays, map[int64]attribution.Offer{}, map[attribution.PartyID]attribution.Publisher{},
		map[token.Digest]attribution.Token{}, map[int64]attribution.Domain{}, map[string]int64{}, s.Sizes(), s.OnlyGenerated()}
	for offer := range s.Offers() {
		found, ok := s.Offer(offer.ID)
		require.True(t, ok)
		found.KnownUntil = time.Time{} // is of the time of the load
		c.Offers[offer.ID] = found
	}
	for publisher := range s.Publishers() {
		found, ok := s.Publisher(publisher.AccountID, publisher.ID)
		require.True(t, ok)
		c.Publishers[attribution.PartyID{AccountID: publisher.AccountID, ID: publisher.ID}] = found
	}
	for digest := range s.Tokens() {
		found, ok := s.Token(digest)
		require.True(t, ok)
		c.Tokens[digest] = found
	}
	for domain := range s.Domains() {
		account, ok := s.Domain(domain.Host)
		require.True(t, ok)
		c.Domains[domain.ID], c.Hosts[domain.Host] = domain, account
	}
	require.Equal(t, attribution.Sizes{Offers: len(c.Offers), Publishers: len(c.Publishers), Tokens: len(c.Tokens), Domains: len(c.Domains)}, c.Sizes)
	return c
}

// requireSame requires that two snapshots hold the same.
func requireSame(t *testing.T, want, got *attribution.Snapshot) {
	t.Helper()
	require.Empty(t, cmp.Diff(contentsOf(t, want), contentsOf(t, got), cmpopts.EquateEmpty()))
}

// follow runs a Reference on the database until the test ends.
func follow(t *testing.T, db *store.Store, poll time.Duration) *store.Reference {
	t.Helper()
	reference := store.NewReference(db, store.ReferenceOptions{
		Poll:   poll,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	require.NotNil(t, reference.Current())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- reference.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(patience):
			t.Error("the reference did not end with its context")
		}
	})
	return reference
}

// await waits for a current snapshot with a property.
func await(t *testing.T, reference *store.Reference, wanted func(*attribution.Snapshot) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return wanted(reference.Current()) }, patience, 5*time.Millisecond,
		"no such snapshot was loaded in time")
}

func knows(account, publisher int64) func(*attribution.Snapshot) bool {
	return func(s *attribution.Snapshot) bool {
		_, ok := s.Publisher(account, publisher)
		return ok
	}
}

func TestReferenceSeesAChangeWhenItIsMade(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	reference := follow(t, db, time.Hour)
	<-reference.Loaded()
	await(t, reference, knows(made.account.ID, made.publisher.ID))

	second, err := db.CreatePublisher(t.Context(), made.account.ID, "news")
	require.NoError(t, err)
	await(t, reference, knows(made.account.ID, second.ID))
}

func TestReferenceSurvivesTheTerminationOfItsBackends(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	db, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	made := openShop(t, db, "Acme")
	reference := follow(t, db, time.Hour)
	await(t, reference, knows(made.account.ID, made.publisher.ID))

	admin := openDirect(t, address)
	for range 3 {
		// Loads follow one another until the listener is connected; only then is there a
		// backend to terminate.
		require.Eventually(t, func() bool { return terminateListeners(t, admin) > 0 }, patience, 10*time.Millisecond)
		added, err := db.CreatePublisher(t.Context(), made.account.ID, "made while nobody listened")
		require.NoError(t, err)
		await(t, reference, knows(made.account.ID, added.ID))
	}
	require.NotNil(t, reference.Current())
}

func TestReferencePollsAndKeepsItsSnapshotWhileLoadingFails(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	db, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	made := openShop(t, db, "Acme")
	admin := openDirect(t, address)
	_, err = admin.Exec("ALTER TABLE tokens RENAME TO tokens_away")
	require.NoError(t, err)

	reference := follow(t, db, 50*time.Millisecond)
	require.Zero(t, reference.Current().LoadedAt)
	select {
	case <-reference.Loaded():
		t.Fatal("loaded without a table")
	default:
	}
	_, err = admin.Exec("ALTER TABLE tokens_away RENAME TO tokens")
	require.NoError(t, err)
	await(t, reference, knows(made.account.ID, made.publisher.ID))

	// No trigger notifies of this change: the poll must find it.
	_, err = admin.Exec("ALTER TABLE publishers DISABLE TRIGGER notify; UPDATE publishers SET name = 'polled'")
	require.NoError(t, err)
	await(t, reference, func(s *attribution.Snapshot) bool {
		publisher, _ := s.Publisher(made.account.ID, made.publisher.ID)
		return publisher.Name == "polled"
	})
}

func TestReferenceEndsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	db, err := store.Open("postgres://nobody@127.0.0.1:1/nothing?sslmode=disable")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	reference := follow(t, db, time.Hour)
	require.Zero(t, reference.Current().LoadedAt)
}

func openDirect(t *testing.T, address string) *sql.DB {
	t.Helper()
	connector, err := pq.NewConnector(address)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func terminateListeners(t *testing.T, admin *sql.DB) int {
	t.Helper()
	var terminated int
	err := admin.QueryRow(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND query ILIKE 'LISTEN%'`).Scan(&terminated)
	require.NoError(t, err)
	return terminated
}
