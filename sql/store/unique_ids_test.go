package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// beforeUniqueIDs is the last version of the schema in which a hit could have a
// row under account 0 and one under its own.
const beforeUniqueIDs = 5

func TestAMigrationMergesTheRowsOfOneHit(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), beforeUniqueIDs)
	require.NoError(t, err)

	today := time.Now().UTC().Truncate(24 * time.Hour)
	row := func(id uuid.UUID, account int64, outcome string) {
		b.exec(`INSERT INTO hits (id, account_id, kind, received_at, outcome, request) VALUES ($1, $2, 'postback', $3, $4, '{}')`,
			id, account, today, outcome)
	}
	letter := func(id uuid.UUID, account int64, status string) {
		b.exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, status, payload)
			VALUES ($1, $2, 'postback', 'rejected', 'unknown_token', $3, $4, '')`, id, account, today, status)
	}
	ids := map[string]uuid.UUID{}
	for _, name := range []string{"lone", "converted", "waiting", "dead twice", "final under 0", "a lone letter", "in the default partition"} {
		ids[name] = b.idAt(today)
	}
	ids["in the default partition"] = b.idAt(noon)
	row(ids["lone"], 0, "rejected")
	letter(ids["lone"], 0, "open")
	for _, name := range []string{"converted", "in the default partition"} {
		row(ids[name], 0, "rejected")
		letter(ids[name], 0, "open")
		row(ids[name], 7, "converted")
	}
	row(ids["waiting"], 0, "rejected")
	letter(ids["waiting"], 0, "replayed")
	row(ids["waiting"], 7, "waiting")
	row(ids["dead twice"], 7, "unmatched")
	letter(ids["dead twice"], 7, "open")
	row(ids["dead twice"], 0, "rejected")
	letter(ids["dead twice"], 0, "discarded")
	row(ids["final under 0"], 8, "rejected")
	row(ids["final under 0"], 0, "duplicate")
	letter(ids["a lone letter"], 0, "open") // their rows were dropped with their day
	letter(ids["a lone letter"], 7, "discarded")

	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
	for name, want := range map[string]struct {
		account int64
		outcome string
		letter  string
	}{
		"lone":                     {0, "rejected", "open"},
		"converted":                {7, "converted", ""},
		"in the default partition": {7, "converted", ""},
		"waiting":                  {7, "waiting", ""},
		"dead twice":               {7, "unmatched", "open"},
		"final under 0":            {0, "duplicate", ""},
		"a lone letter":            {7, "", "discarded"},
	} {
		require.Equal(t, 1, b.count(`(SELECT $1::uuid AS id) i LEFT JOIN hits h USING (id) LEFT JOIN dead_letters d USING (id)
			WHERE coalesce(h.account_id, d.account_id) = $2 AND coalesce(h.outcome, '') = $3
			  AND coalesce(d.status, '') = $4 AND coalesce(d.account_id = h.account_id, true)`,
			ids[name], want.account, want.outcome, want.letter), name)
	}
	require.Zero(t, b.count("hits WHERE id IN (SELECT id FROM hits GROUP BY id HAVING count(*) > 1)"))

	// Every partition has its index, those made later as well.
	require.Zero(t, b.count(`pg_index WHERE NOT indisvalid`))
	for _, table := range []string{"hits", "dead_letters", "conversions"} {
		require.Equal(t, 1, b.count(`pg_constraint WHERE conrelid = $1::regclass AND contype = 'p' AND pg_get_constraintdef(oid) = 'PRIMARY KEY (id)'`, table), table)
	}
	require.Equal(t, 1, b.count(`pg_constraint WHERE conrelid = 'conversions'::regclass AND contype = 'u' AND pg_get_constraintdef(oid) = 'UNIQUE (dedup_key)'`))
	b.exec("DELETE FROM hits")
	require.NoError(t, b.EnsurePartitions(t.Context()))
}

// TestTheMigrationWaitsForABackupWithoutHoldingOthersUp: a session holds the locks of
// pg_dump while the migration exchanges the keys.
func TestTheMigrationWaitsForABackupWithoutHoldingOthersUp(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.day(noon)
	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), beforeUniqueIDs)
	require.NoError(t, err)
	backup, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = backup.Rollback() }) // has ended unless the test failed before
	_, err = backup.Exec("LOCK TABLE hits, dead_letters, conversions IN ACCESS SHARE MODE")
	require.NoError(t, err)

	migrated := make(chan error, 1)
	go func() {
		_, err := migrations.Up(t.Context())
		migrated <- err
	}()
	b.awaitLocks(1)
	// Every later session waits behind the migration until the migration gives its lock
	// request up.
	row := b.hit(hitRow{Account: 1, At: noon, Kind: hit.Postback, Outcome: outcome.Rejected, Reason: outcome.OfferPaused})
	require.Equal(t, 1, b.count("hits WHERE id = $1", row))
	select {
	case err := <-migrated:
		t.Fatal("the migration did not wait for the backup", err)
	default:
	}
	require.NoError(t, backup.Rollback())
	require.NoError(t, <-migrated)
}

func TestAHitIsDecidedInOneRowWhateverAccountItIsUnder(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.conversionRecord(noon, uuid.New())
	unknown := *r
	unknown.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.UnknownToken}
	b.write(&unknown)
	require.Equal(t, 1, b.count("hits WHERE account_id = 0"))
	require.Equal(t, 1, b.count("dead_letters WHERE account_id = 0 AND status = 'open'"))

	// The token was imported, and the hit replayed.
	b.write(r)
	require.Equal(t, outcome.Converted, r.Decision.Outcome)
	require.Equal(t, 1, b.count("hits"))
	require.Equal(t, 1, b.count("hits WHERE account_id = 1 AND outcome = 'converted' AND decisions = 2"))
	require.Equal(t, 1, b.count("dead_letters"))
	require.Equal(t, 1, b.count("dead_letters WHERE account_id = 1 AND status = 'resolved'"))

	// A process that does not know the token yet changes nothing.
	again := unknown
	again.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.UnknownToken}
	b.write(&again)
	require.Equal(t, outcome.Converted, again.Decision.Outcome)
	require.Equal(t, 1, b.count("hits WHERE account_id = 1 AND outcome = 'converted' AND decisions = 2"))
}

// meetTwice makes another transaction decide two hits of a batch between the search for
// them and the attempt to write them, one in each of the first two attempts.
func (b *books) meetTwice(first, second *sqlx.Tx, records ...*attribution.Record) {
	b.t.Helper()
	written := make(chan error, 1)
	go func() { written <- b.Write(b.t.Context(), records) }()
	b.awaitLocks(1)
	var since time.Time
	require.NoError(b.t, b.db.Get(&since, "SELECT query_start FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))
	require.NoError(b.t, first.Commit())
	// The second attempt has seen the first hit, and waits for the other.
	require.Eventually(b.t, func() bool {
		return b.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query_start > $1", since) == 1
	}, patience, time.Millisecond)
	require.NoError(b.t, second.Commit())
	require.NoError(b.t, <-written)
}

func TestAfterTwoMeetingsInARowNothingOfTheEarlierDecisionsIsLeft(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	one, two := b.conversionRecord(noon, uuid.New()), b.conversionRecord(noon.Add(time.Second), uuid.New())
	first := b.decideElsewhere(one.Hit, outcome.Waiting)
	second := b.decideElsewhere(two.Hit, outcome.Waiting)
	for _, met := range []struct {
		tx *sqlx.Tx
		r  *attribution.Record
	}{{first, one}, {second, two}} {
		_, err := met.tx.Exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $2, now())`,
			met.r.Hit.TransactionID.UUID(), met.r.Hit.ID)
		require.NoError(t, err)
		_, err = met.tx.Exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, payload)
			VALUES ($1, 1, 'postback', 'unmatched', 'click_never_came', now(), '')`, met.r.Hit.ID)
		require.NoError(t, err)
	}
	b.meetTwice(first, second, one, two)
	require.Equal(t, 2, b.count("hits WHERE outcome = 'converted' AND decisions = 2"))
	require.Zero(t, b.count("waiting_postbacks"))
	require.Equal(t, 2, b.count("dead_letters WHERE status = 'resolved'"))
}

func TestACopyOfADiscardedHitLeavesItDiscarded(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.conversionRecord(noon, uuid.New())
	r.Decision.Outcome, r.Decision.Reason = outcome.Rejected, outcome.OfferPaused
	b.write(r)
	settle := func(event dead.EventKind) {
		letters, err := b.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 1)
		require.NoError(t, err)
		settled, err := b.SettleDeadLetters(t.Context(), letters, dead.Act{Event: event})
		require.NoError(t, err)
		require.Len(t, settled, 1)
	}
	settle(dead.WasDiscarded)
	b.write(r)
	require.Equal(t, 1, b.count("dead_letters WHERE status = 'discarded' AND deaths = 1"))

	// A replay opens it and marks it, and a death after that is a new one.
	settle(dead.WasUndone)
	settle(dead.WasReplayed)
	b.write(r)
	require.Equal(t, 1, b.count("dead_letters WHERE status = 'open' AND deaths = 2"))
}

func TestAReplayOfAHitWhoseDayWasDroppedResolvesItsDeadLetter(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.conversionRecord(noon, uuid.New())
	rejected := *r
	rejected.Decision.Outcome, rejected.Decision.Reason = outcome.Rejected, outcome.OfferPaused
	b.write(&rejected)
	b.exec("DELETE FROM hits")
	b.exec("UPDATE dead_letters SET status = 'replayed'")
	b.write(r)
	require.Equal(t, outcome.Converted, r.Decision.Outcome)
	require.Equal(t, 1, b.count("dead_letters WHERE status = 'resolved'"))
}

func TestACopyOfAConvertedHitClosesWhatWasLeftOpen(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.conversionRecord(noon, uuid.New())
	b.write(r)
	b.exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, status, payload)
		VALUES ($1, 1, 'postback', 'unmatched', 'click_never_came', now(), 'replayed', '')`, r.Hit.ID)
	b.exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $2, now())`,
		r.Hit.TransactionID.UUID(), r.Hit.ID)
	b.write(r)
	require.Zero(t, b.count("waiting_postbacks"))
	require.Equal(t, 1, b.count("dead_letters WHERE status = 'resolved'"))
}
