package spool

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// oneLane is the lane of every record, unless a test sets another.
const oneLane = "all"

// open opens a Log that is closed when the test ends.
func open(t testing.TB, options Options) *Log {
	t.Helper()
	if options.Lane == nil {
		options.Lane = func([]byte) string { return oneLane }
	}
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	log, err := Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	return log
}

func appendAll(t testing.TB, log *Log, contents ...string) {
	t.Helper()
	for _, content := range contents {
		require.NoError(t, log.Append(context.Background(), []byte(content)))
	}
}

// drain reads and commits everything, and returns it.
func drain(t testing.TB, log *Log) []string {
	t.Helper()
	contents := []string{}
	for {
		batch, err := log.Read(oneLane, 7, 1000)
		require.NoError(t, err)
		if batch == nil {
			return contents
		}
		for _, content := range batch.Contents {
			contents = append(contents, string(content))
		}
		require.NoError(t, log.Commit(batch))
	}
}

func numbered(n int) []string {
	contents := make([]string, n)
	for i := range contents {
		contents[i] = fmt.Sprintf("hit %d %s", i, strings.Repeat("x", i%50))
	}
	return contents
}

func files(t testing.TB, dir, suffix string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	require.NoError(t, err)
	return found
}

func TestRecordsAreDrainedInTheOrderOfTheirAppends(t *testing.T) {
	t.Parallel()
	log := open(t, Options{SegmentBytes: 500})
	contents := numbered(100)
	appendAll(t, log, contents...)
	require.Greater(t, len(files(t, log.options.Dir, segmentSuffix)), 5)
	require.Equal(t, contents, drain(t, log))
	require.Empty(t, drain(t, log))
}

func TestStateReturnsDepthAgeAndCounts(t *testing.T) {
	t.Parallel()
	log := open(t, Options{})
	require.Zero(t, log.State())
	before := time.Now().Truncate(time.Microsecond)
	appendAll(t, log, numbered(10)...)
	state := log.State()
	require.EqualValues(t, 10, state.Records)
	require.EqualValues(t, 10, state.Appended)
	require.Greater(t, state.Bytes, int64(10*recordHeaderBytes))
	require.False(t, state.Oldest.Before(before))
	require.Less(t, state.Age(), time.Minute)

	batch, err := log.Read(oneLane, 4, 1<<20)
	require.NoError(t, err)
	require.Len(t, batch.Contents, 4)
	require.EqualValues(t, 10, log.State().Records, "what is read counts until it is committed")
	require.NoError(t, log.Commit(batch))
	after := log.State()
	require.EqualValues(t, 6, after.Records)
	require.EqualValues(t, 4, after.Drained)
	require.True(t, after.Oldest.After(state.Oldest), "the oldest is another now")

	drain(t, log)
	require.Equal(t, State{Appended: 10, Drained: 10}, log.State())
}

func TestThePositionSurvivesARestart(t *testing.T) {
	t.Parallel()
	options := Options{Dir: t.TempDir(), SegmentBytes: 400}
	contents := numbered(60)
	log := open(t, options)
	appendAll(t, log, contents...)
	for next := 0; next < len(contents); {
		batch, err := log.Read(oneLane, 3, 1<<20)
		require.NoError(t, err)
		for _, content := range batch.Contents {
			require.Equal(t, contents[next], string(content))
			next++
		}
		require.NoError(t, log.Commit(batch))
		require.NoError(t, log.Close())
		log = open(t, options)
		require.EqualValues(t, len(contents)-next, log.State().Records)
	}
	require.Empty(t, drain(t, log))
	require.Empty(t, files(t, options.Dir, segmentSuffix))
}

func TestWhatIsNotCommittedIsReadAgain(t *testing.T) {
	t.Parallel()
	options := Options{Dir: t.TempDir()}
	log := open(t, options)
	appendAll(t, log, "one", "two", "three")
	for range 2 {
		batch, err := log.Read(oneLane, 2, 1<<20)
		require.NoError(t, err)
		require.Equal(t, [][]byte{[]byte("one"), []byte("two")}, batch.Contents)
	}
	require.NoError(t, log.Close())
	require.Equal(t, []string{"one", "two", "three"}, drain(t, open(t, options)))
}

func TestAFullLogRefusesUntilSpaceIsDrained(t *testing.T) {
	t.Parallel()
	const bound = 8000
	log := open(t, Options{MaxBytes: bound, SegmentBytes: 1000})
	content := strings.Repeat("x", 100)
	taken := 0
	var err error
	for ; err == nil; taken++ {
		err = log.Append(t.Context(), []byte(content))
		require.LessOrEqual(t, log.State().Bytes, int64(bound))
	}
	taken--
	require.ErrorIs(t, err, ErrFull)
	require.ErrorIs(t, log.Err(), ErrFull)
	require.Greater(t, taken, 50)

	for range 3 { // some records drained free a segment
		batch, err := log.Read(oneLane, 10, 1<<20)
		require.NoError(t, err)
		taken -= len(batch.Contents)
		require.NoError(t, log.Commit(batch))
	}
	require.NoError(t, log.Err())
	require.NoError(t, log.Append(t.Context(), []byte("there is room again")))
	require.Len(t, drain(t, log), taken+1)
	require.Zero(t, log.State().Bytes)
	require.Empty(t, files(t, log.options.Dir, segmentSuffix), "all space is freed")
}

func TestALogThatAcceptsNothingStillReturnsItsRecords(t *testing.T) {
	t.Parallel()
	options := Options{Dir: t.TempDir()}
	log := open(t, options)
	appendAll(t, log, "left over")
	require.NoError(t, log.Close())
	options.MaxBytes = -1
	log = open(t, options)
	require.ErrorIs(t, log.Err(), ErrFull)
	require.ErrorIs(t, log.Append(t.Context(), []byte("more")), ErrFull)
	require.Equal(t, []string{"left over"}, drain(t, log))
}

func TestADirectoryBelongsToOneProcess(t *testing.T) {
	t.Parallel()
	log := open(t, Options{})
	_, err := Open(Options{Dir: log.options.Dir})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, log.options.Dir)
	require.NoError(t, log.Close())
	open(t, Options{Dir: log.options.Dir})
}

func TestAClosedLogAcceptsNothing(t *testing.T) {
	t.Parallel()
	log := open(t, Options{})
	appendAll(t, log, "one")
	require.NoError(t, log.Close())
	require.NoError(t, log.Close())
	require.ErrorIs(t, log.Append(t.Context(), []byte("two")), ErrClosed)
	require.ErrorIs(t, log.Err(), ErrClosed)
}

func TestARecordThatIsTooLargeIsRefusedAlone(t *testing.T) {
	t.Parallel()
	log := open(t, Options{})
	require.ErrorContains(t, log.Append(t.Context(), make([]byte, MaxRecordBytes+1)), "more than")
	largest := bytes.Repeat([]byte(marker), MaxRecordBytes/len(marker))
	require.NoError(t, log.Append(t.Context(), largest))
	require.Equal(t, []string{string(largest)}, drain(t, log))
}

func TestASegmentOfAnotherVersionIsNotTouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := segmentPath(dir, 1)
	require.NoError(t, os.WriteFile(path, segmentHeader("i8spool2"), 0o600))
	_, err := Open(Options{Dir: dir})
	require.ErrorContains(t, err, "another version")
	require.FileExists(t, path)
}

func TestConcurrentAppendsAreAllDrainedOnce(t *testing.T) {
	t.Parallel()
	log := open(t, Options{SegmentBytes: 4000})
	const callers, each = 16, 50
	var appending sync.WaitGroup
	for caller := range callers {
		appending.Go(func() {
			for i := range each {
				if err := log.Append(context.Background(), fmt.Appendf(nil, "%d-%d", caller, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := map[string]bool{}
	last := map[string]int{}
	for len(seen) < callers*each {
		require.NoError(t, log.Wait(t.Context()))
		for _, content := range drain(t, log) {
			require.False(t, seen[content], "%s came twice", content)
			seen[content] = true
			var caller string
			var i int
			_, err := fmt.Sscanf(strings.Replace(content, "-", " ", 1), "%s %d", &caller, &i)
			require.NoError(t, err)
			require.Equal(t, last[caller], i, "the records of one caller keep their order")
			last[caller]++
		}
	}
	appending.Wait()
	require.Empty(t, drain(t, log))
	require.Zero(t, log.State().Bytes)
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	log := open(t, Options{})
	require.NoError(t, log.Wait(t.Context()), "what an earlier process left is looked for once")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, log.Wait(ctx), context.Canceled)
}
