package spool

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInspectReturnsTheWaitingRecordsAndChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := open(t, Options{Dir: dir, SegmentBytes: 300, Lane: Topic})
	hits := []string{}
	for i := range 20 {
		topic := []string{"clicks", "postbacks"}[i%2]
		hits = append(hits, string(entry{topic: topic, payload: []byte("{}")}.encode()))
	}
	appendAll(t, log, hits...)
	batch, err := log.Read("clicks", 3, 1<<20)
	require.NoError(t, err)
	require.NoError(t, log.Commit(batch))
	content, err := Inspect(dir)
	require.NoError(t, err)
	require.True(t, content.Held)
	require.Equal(t, map[string]int64{"clicks": int64(10 - len(batch.Contents)), "postbacks": 10}, content.Records)
	require.WithinDuration(t, log.State().Oldest, content.Oldest, time.Microsecond)
	require.NoError(t, log.Close())

	// A torn end and a damaged record.
	segments := files(t, dir, segmentSuffix)
	data, err := os.ReadFile(segments[1])
	require.NoError(t, err)
	data[headerBytes+recordHeaderBytes] ^= 1
	require.NoError(t, os.WriteFile(segments[1], data, 0o600))
	last := segments[len(segments)-1]
	info, err := os.Stat(last)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(last, info.Size()-3))
	before := contentsOf(t, dir)
	content, err = Inspect(dir)
	require.NoError(t, err)
	require.False(t, content.Held)
	require.EqualValues(t, 20-len(batch.Contents)-2, content.Waiting())
	require.Equal(t, 2, content.Damaged)
	require.Equal(t, before, contentsOf(t, dir))
	require.True(t, Waits(dir))

	content, err = Inspect(t.TempDir())
	require.NoError(t, err)
	require.Zero(t, content.Waiting())
	_, err = Inspect(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	contents := map[string]string{}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		require.NoError(t, err)
		contents[entry.Name()] = string(data)
	}
	return contents
}

func TestANewDirectoryIsMadeWithItsParents(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "integr8", "hits")
	appendAll(t, open(t, Options{Dir: dir}), "one")
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}
