package store_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// savedFile makes a file of a snapshot with something of every kind in it.
func savedFile(t *testing.T) (path string, saved *attribution.Snapshot, made shop) {
	t.Helper()
	db := storetest.Open(t)
	made = openShop(t, db, "Acme")
	_, err := db.CreateDomain(t.Context(), made.account.ID, "track.example")
	require.NoError(t, err)
	_, err = db.ImportToken(t.Context(), made.account.ID, 0, "", token.DigestOf("a raw token"))
	require.NoError(t, err)
	_, err = db.RegisterSecrets(t.Context(), []token.Fingerprint{"0123456789ab", "ba9876543210"}, true)
	require.NoError(t, err)
	saved, err = db.LoadSnapshot(t.Context())
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "reference")
	require.NoError(t, store.SaveSnapshot(saved, path))
	return path, saved, made
}

func TestASavedSnapshotIsReadBackTheSame(t *testing.T) {
	t.Parallel()
	path, saved, _ := savedFile(t)
	read, err := store.ReadSnapshot(path)
	require.NoError(t, err)
	requireSame(t, saved, read)
	require.NoError(t, store.SaveSnapshot(read, path), "a file is replaced")
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing else is left")
}

func TestASavedSnapshotIsPrivateAndHoldsNoToken(t *testing.T) {
	t.Parallel()
	path, _, _ := savedFile(t)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(data), "a raw token")
	digest := token.DigestOf("a raw token")
	require.Contains(t, string(data), string(digest[:]))
}

func TestADamagedFileIsNoSnapshot(t *testing.T) {
	t.Parallel()
	path, _, _ := savedFile(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := range whole {
		damaged := slices.Clone(whole)
		damaged[at] ^= 4
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		_, err := store.ReadSnapshot(path)
		require.Error(t, err, "byte %d", at)
	}
	for size := range whole {
		require.NoError(t, os.WriteFile(path, whole[:size], 0o600))
		_, err := store.ReadSnapshot(path)
		require.Error(t, err, "cut at %d", size)
	}
}

func TestASnapshotOfAnotherFormatIsRecognised(t *testing.T) {
	t.Parallel()
	path, _, _ := savedFile(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, format := range []string{"format 6, sha256 00", "format 7, sha256 00", "format 9", "format 80"} {
		other := bytes.Replace(whole, []byte("format 8"), []byte(format), 1)
		require.NoError(t, os.WriteFile(path, other, 0o600))
		_, err = store.ReadSnapshot(path)
		require.ErrorIs(t, err, store.ErrSnapshotFormat)
	}
	_, err = store.ReadSnapshot(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestTheFormatCountsUpWithEveryChange fails when the fields of a snapshot
// change. Then fileFormat must be increased, so that no process reads a file
// with a missing field, and the text here must be replaced.
func TestTheFormatCountsUpWithEveryChange(t *testing.T) {
	t.Parallel()
	const format8 = `{Moment {LoadedAt time.Time "loaded_at"; IdentityKnownUntil time.Time "identity_known_until"; ` +
		`Secrets []{Fingerprint token.Fingerprint "fingerprint"; SignsSince time.Time "signs_since,omitzero"; ` +
		`Retired bool "retired,omitempty"} "secrets"; DroppedClickDays []int64 "dropped_click_days"}; ` +
		`Offer {ID int64; AccountID int64; AdvertiserID int64; Name string; Destination string; Status attribution.Status; ` +
		`Currency string; Payout {Amount decimal.Decimal; Percent bool}; Revenue {Amount decimal.Decimal; Percent bool}; ` +
		`OwnAmounts bool; Ceiling decimal.Decimal; Window time.Duration; Identity {ManyPerClick bool}; Later []{Since time.Time; Identity {ManyPerClick bool}}; ` +
		`KnownUntil time.Time; Consent {Words []string; Ignored []string}; Overrides {packed string}}; ` +
		`Override {Payout {Amount decimal.Decimal; Percent bool}; Revenue {Amount decimal.Decimal; Percent bool}}; ` +
		`Token {ID int64; AccountID int64; OfferID int64; Purpose hit.Kind; ValidUntil time.Time}; ` +
		`Publisher {ID int64; AccountID int64; Name string; Status attribution.Status}; Domain {ID int64; AccountID int64; Host string}}`
	require.Equal(t, format8, form(reflect.TypeFor[struct {
		Moment    attribution.Moment
		Offer     attribution.Offer
		Override  attribution.Override
		Token     attribution.Token
		Publisher attribution.Publisher
		Domain    attribution.Domain
	}]()))
}

// form describes the JSON of a type.
func form(of reflect.Type) string {
	switch {
	case of.Kind() == reflect.Pointer:
		return form(of.Elem())
	case of.Kind() == reflect.Slice:
		return "[]" + form(of.Elem())
	case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Struct:
		return "[]" + form(of.Elem())
	case of.Kind() == reflect.Map:
		return "map[" + of.Key().String() + "]" + form(of.Elem())
	case of.Kind() != reflect.Struct || of.PkgPath() == "time" || strings.Contains(of.PkgPath(), "decimal"):
		return of.String()
	}
	var fields []string
	for field := range of.Fields() {
		text := field.Name + " " + form(field.Type)
		if name := field.Tag.Get("json"); name != "" {
			text += fmt.Sprintf(" %q", name)
		}
		fields = append(fields, text)
	}
	return "{" + strings.Join(fields, "; ") + "}"
}

// following returns a Reference that runs with a file.
func following(t *testing.T, db *store.Store, path string) (*store.Reference, *notes, func()) {
	t.Helper()
	notes := &notes{}
	reference := store.NewReference(db, store.ReferenceOptions{
		File: path, Poll: time.Hour, Logger: slog.New(slog.NewTextHandler(notes, nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := reference.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop := sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(stop)
	return reference, notes, stop
}

// notes is the log output.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(data []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(data)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

func publisherName(s *attribution.Snapshot, made shop) string {
	publisher, _ := s.Publisher(made.account.ID, made.publisher.ID)
	return publisher.Name
}

func unreachable(t *testing.T) *store.Store {
	t.Helper()
	db, err := store.Open("postgres://nobody@127.0.0.1:1/nothing?sslmode=disable")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestReferenceStartsFromDiskWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	path, saved, made := savedFile(t)
	reference, notes, _ := following(t, unreachable(t), path)
	<-reference.Usable()
	require.True(t, reference.Restored())
	require.Equal(t, saved.LoadedAt, reference.Current().LoadedAt)
	require.True(t, knows(made.account.ID, made.publisher.ID)(reference.Current()))
	select {
	case <-reference.Loaded():
		t.Fatal("nothing came from the database")
	default:
	}
	require.Contains(t, notes.String(), "what was last kept on disk")
}

func TestReferenceReplacesTheSnapshotFromDisk(t *testing.T) {
	t.Parallel()
	path, _, _ := savedFile(t)
	address := storetest.URL(t)
	db, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	made := openShop(t, db, "Another")
	admin := openDirect(t, address)
	_, err = admin.Exec("ALTER TABLE tokens RENAME TO tokens_away")
	require.NoError(t, err)

	reference, _, _ := following(t, db, path)
	<-reference.Usable()
	require.True(t, reference.Restored())
	require.NotEqual(t, made.publisher.Name, publisherName(reference.Current(), made))
	_, err = admin.Exec("ALTER TABLE tokens_away RENAME TO tokens")
	require.NoError(t, err)
	<-reference.Loaded()
	require.False(t, reference.Restored())
	require.Equal(t, made.publisher.Name, publisherName(reference.Current(), made))
}

func TestReferenceSavesItsSnapshotsOnDisk(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	path := filepath.Join(t.TempDir(), "reference")
	reference, _, stop := following(t, db, path)
	<-reference.Usable()
	<-reference.Loaded()
	added, err := db.CreatePublisher(t.Context(), made.account.ID, "added")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		saved, err := store.ReadSnapshot(path)
		return err == nil && knows(made.account.ID, added.ID)(saved)
	}, patience, 10*time.Millisecond)

	// A stop saves the snapshot that was loaded last.
	last, err := db.CreatePublisher(t.Context(), made.account.ID, "last")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return knows(made.account.ID, last.ID)(reference.Current()) }, patience, time.Millisecond)
	stop()
	saved, err := store.ReadSnapshot(path)
	require.NoError(t, err)
	require.True(t, knows(made.account.ID, last.ID)(saved))
}

func TestReferenceReportsADamagedFileAndSkipsIt(t *testing.T) {
	t.Parallel()
	path, _, _ := savedFile(t)
	require.NoError(t, os.Truncate(path, 100))
	reference, notes, _ := following(t, unreachable(t), path)
	require.Eventually(t, func() bool { return strings.Contains(notes.String(), "it is damaged") }, patience, time.Millisecond)
	require.False(t, reference.Restored())
	select {
	case <-reference.Usable():
		t.Fatal("a damaged file was used")
	default:
	}
}
