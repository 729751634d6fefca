package spools_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/spools"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/spool"
)

// broker accepts everything, unless it is away.
type broker struct {
	away error

	mu    sync.Mutex
	taken int
}

func (b *broker) Err() error { return b.away }

func (b *broker) Publish(_ string, messages ...*message.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken += len(messages)
	return nil
}

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// fill puts hits into the log of a directory, and returns the open log.
func fill(t *testing.T, dir string, hits int) *spool.Log {
	t.Helper()
	log, err := spool.Open(spool.Options{Dir: dir, Logger: silent})
	require.NoError(t, err)
	queue := spool.NewQueue(spool.QueueOptions{Broker: &broker{away: errors.New("away")}, Log: log, Logger: silent})
	for range hits {
		id, err := uuid.NewV7()
		require.NoError(t, err)
		require.NoError(t, queue.Put(t.Context(), &hit.Hit{ID: id, Kind: hit.Click, ReceivedAt: time.Now()}))
	}
	return log
}

func TestADrainLeavesNothingBehindAndDisturbsNoReceiver(t *testing.T) {
	t.Parallel()
	dir, taking := t.TempDir(), &broker{}
	log := fill(t, dir, 3)
	_, err := spools.Drain(t.Context(), dir, taking, silent)
	require.ErrorIs(t, err, spool.ErrLocked)
	require.Contains(t, failure.Hint(err), "its receiver runs and drains it")
	shown, err := spools.Show(dir)
	require.NoError(t, err)
	require.True(t, shown.Held)
	require.EqualValues(t, 3, shown.Hits)
	require.NoError(t, log.Close())

	drained, err := spools.Drain(t.Context(), dir, taking, silent)
	require.NoError(t, err)
	require.Equal(t, spools.Drained{Drained: 3}, drained)
	require.NoError(t, drained.Err())
	require.Equal(t, 4, taking.taken, "the hits, and a statement that no more of them come")
	shown, err = spools.Show(dir)
	require.NoError(t, err)
	require.False(t, shown.Held)
	require.Zero(t, shown.Hits)
	require.Nil(t, shown.Oldest)
}

func TestHitsThatAreLeftAreAnErrorThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	require.EqualError(t, spools.Drained{Left: 1}.Err(), "1 hit is left")
	err := spools.Drained{Drained: 2, Left: 3}.Err()
	require.EqualError(t, err, "3 hits are left")
	require.Equal(t, "nothing is lost: run it again", failure.Hint(err))
}

func TestHitsOfOtherReceiversAreShownBesideOnesOwn(t *testing.T) {
	t.Parallel()
	beside, near := t.TempDir(), t.TempDir()
	own, other, elsewhere := filepath.Join(beside, "hits"), filepath.Join(beside, "other"), filepath.Join(near, "elsewhere")
	around := func() map[string]int64 {
		t.Helper()
		shown, err := spools.ShowAround(own, near)
		require.NoError(t, err)
		require.NotNil(t, shown, "the JSON of none is an empty list")
		hits := map[string]int64{}
		for i, one := range shown {
			require.Equal(t, one.Dir == own, i == 0 && len(shown) > 2, "one's own is the first")
			hits[one.Dir] = one.Hits
		}
		return hits
	}
	require.Empty(t, around(), "no directory is there yet")
	for home, hits := range map[string]int{other: 2, elsewhere: 1, filepath.Join(near, "empty"): 0} {
		require.NoError(t, fill(t, spool.HitsIn(home), hits).Close())
	}
	require.Equal(t, map[string]int64{other: 2, elsewhere: 1}, around(), "where none waits it is not shown")
	require.NoError(t, fill(t, spool.HitsIn(own), 0).Close())
	require.Equal(t, map[string]int64{own: 0, other: 2, elsewhere: 1}, around(), "one's own is shown although none waits")
}

func TestOnesOwnDirectoryThatCannotBeReadIsAnErrorWithAHint(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := spools.ShowAround(file)
	require.Contains(t, failure.Hint(err), "INTEGR8_SPOOL_DIR")
}

func TestADirectoryThatIsNoneIsAnErrorWithAHint(t *testing.T) {
	t.Parallel()
	_, err := spools.Show(t.TempDir() + "/none")
	require.Contains(t, failure.Hint(err), "INTEGR8_SPOOL_DIR")
}

// TestJSONOfASpoolIsTheContract checks the form that scripts read.
func TestJSONOfASpoolIsTheContract(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	for want, value := range map[string]any{
		`{"dir":"/s","held":true,"hits":2,"topics":{"clicks":2},"bytes":9,"oldest":"2026-03-14T15:00:00Z","unreadable":1,"damaged_files":3,"damaged_bytes":4}`: spools.Spool{
			Dir: "/s", Held: true, Hits: 2, Topics: map[string]int64{"clicks": 2}, Bytes: 9, Oldest: &at, Unreadable: 1, DamagedFiles: 3, DamagedBytes: 4},
		`{"drained":2,"left":1}`: spools.Drained{Drained: 2, Left: 1},
	} {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
	}
}
