package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

func TestSnapshotHoldsAllReferenceDataAndSurvivesJSON(t *testing.T) {
	db := storetest.Open(t)
	own, other := openShop(t, db, "Own"), openShop(t, db, "Other")
	payout := attribution.Money{Amount: decimal.RequireFromString("3.333333")}
	require.NoError(t, db.SetOverride(t.Context(), own.account.ID, own.offer.ID, own.publisher.ID, attribution.Override{Payout: &payout}))
	_, err := db.CreateDomain(t.Context(), other.account.ID, "track.example")
	require.NoError(t, err)
	_, err = db.CreateToken(t.Context(), own.account.ID, 0, "", func(int64) hit.Digest { return hit.DigestOf("generated") })
	require.NoError(t, err)
	before, err := db.LoadSnapshot(t.Context())
	require.NoError(t, err)
	require.True(t, before.OnlyGenerated)
	imported, err := db.ImportToken(t.Context(), own.account.ID, own.offer.ID, "", hit.DigestOf("token"))
	require.NoError(t, err)

	_, err = db.EditOffer(t.Context(), own.account.ID, own.offer.ID, store.OfferChange{Identity: manyPerClick})
	require.NoError(t, err)
	loaded, err := db.LoadSnapshot(t.Context())
	require.NoError(t, err)
	require.False(t, loaded.OnlyGenerated)
	written, err := json.Marshal(loaded)
	require.NoError(t, err)
	var read store.Snapshot
	require.NoError(t, json.Unmarshal(written, &read))
	require.Empty(t, cmp.Diff(loaded, &read))

	for name, snapshot := range map[string]*store.Snapshot{"loaded": loaded, "read back": &read} {
		t.Run(name, func(t *testing.T) {
			require.WithinDuration(t, time.Now(), snapshot.LoadedAt, time.Minute)
			token, ok := snapshot.Token(hit.DigestOf("token"))
			require.True(t, ok)
			require.Equal(t, imported.Token, token)
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

			_, ok = snapshot.Token(hit.DigestOf("another"))
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

// follow runs a Reference on the database until the test ends and gives what
// it loads. Its poll is so rare that only notifications can be the cause.
func follow(t *testing.T, db *store.Store, poll time.Duration) (*store.Reference, <-chan *store.Snapshot) {
	t.Helper()
	loads := make(chan *store.Snapshot, 1024)
	reference := store.NewReference(db, store.ReferenceOptions{
		Poll:   poll,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		OnLoad: func(s *store.Snapshot) { loads <- s },
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
		case <-time.After(10 * time.Second):
			t.Error("the reference did not end with its context")
		}
	})
	return reference, loads
}

// await takes loaded snapshots until one is as wanted.
func await(t *testing.T, loads <-chan *store.Snapshot, wanted func(*store.Snapshot) bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case snapshot := <-loads:
			if wanted(snapshot) {
				return
			}
		case <-deadline:
			t.Fatal("no such snapshot was loaded in time")
		}
	}
}

func knows(account, publisher int64) func(*store.Snapshot) bool {
	return func(s *store.Snapshot) bool {
		_, ok := s.Publisher(account, publisher)
		return ok
	}
}

func TestReferenceSeesAChangeWhenItIsMade(t *testing.T) {
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	reference, loads := follow(t, db, time.Hour)
	<-reference.Loaded()
	await(t, loads, knows(made.account.ID, made.publisher.ID))

	second, err := db.CreatePublisher(t.Context(), made.account.ID, "news")
	require.NoError(t, err)
	await(t, loads, knows(made.account.ID, second.ID))
	require.True(t, knows(made.account.ID, second.ID)(reference.Current()))
}

func TestReferenceSurvivesThatItsBackendsAreTerminated(t *testing.T) {
	address := storetest.URL(t)
	db, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	made := openShop(t, db, "Acme")
	reference, loads := follow(t, db, time.Hour)
	await(t, loads, knows(made.account.ID, made.publisher.ID))

	admin := openDirect(t, address)
	for range 3 {
		// Loads follow each other until the listener stands; only then is
		// there a backend to terminate.
		require.Eventually(t, func() bool { return terminateListeners(t, admin) > 0 }, 10*time.Second, 10*time.Millisecond)
		added, err := db.CreatePublisher(t.Context(), made.account.ID, "made while nobody listened")
		require.NoError(t, err)
		await(t, loads, knows(made.account.ID, added.ID))
	}
	require.NotNil(t, reference.Current())
}

func TestReferencePollsAndKeepsWhatItHasWhileLoadingFails(t *testing.T) {
	address := storetest.URL(t)
	db, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	made := openShop(t, db, "Acme")
	admin := openDirect(t, address)
	_, err = admin.Exec("ALTER TABLE tokens RENAME TO tokens_away")
	require.NoError(t, err)

	reference, loads := follow(t, db, 50*time.Millisecond)
	require.Zero(t, reference.Current().LoadedAt)
	select {
	case <-reference.Loaded():
		t.Fatal("loaded without a table")
	default:
	}
	_, err = admin.Exec("ALTER TABLE tokens_away RENAME TO tokens")
	require.NoError(t, err)
	await(t, loads, knows(made.account.ID, made.publisher.ID))

	// No trigger tells of this one: the poll must find it.
	_, err = admin.Exec("ALTER TABLE publishers DISABLE TRIGGER notify; UPDATE publishers SET name = 'polled'")
	require.NoError(t, err)
	await(t, loads, func(s *store.Snapshot) bool {
		publisher, _ := s.Publisher(made.account.ID, made.publisher.ID)
		return publisher.Name == "polled"
	})
}

func TestReferenceEndsWhileTheDatabaseIsAway(t *testing.T) {
	db, err := store.Open("postgres://nobody@127.0.0.1:1/nothing?sslmode=disable")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	reference, _ := follow(t, db, time.Hour)
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
