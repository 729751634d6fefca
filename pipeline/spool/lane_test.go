package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// byLetter is a lane for each first letter.
func byLetter(content []byte) string { return strings.ToLower(string(content[:1])) }

// mixed returns records of the lanes a and b in turn.
func mixed(n int) (all []string, of map[string][]string) {
	of = map[string][]string{}
	for i := range n {
		lane := []string{"a", "b"}[i%2]
		content := fmt.Sprintf("%s%d", lane, i)
		all, of[lane] = append(all, content), append(of[lane], content)
	}
	return all, of
}

// drainLane reads and commits up to n records of a lane.
func drainLane(t *testing.T, log *Log, lane string, n int) (contents []string) {
	t.Helper()
	for len(contents) < n {
		batch, err := log.Read(lane, min(3, n-len(contents)), 1000)
		require.NoError(t, err)
		if batch == nil {
			break
		}
		for _, content := range batch.Contents {
			contents = append(contents, string(content))
		}
		require.NoError(t, log.Commit(batch))
	}
	return contents
}

func TestEachLaneIsDrainedByItselfAndStaysSoOverARestart(t *testing.T) {
	t.Parallel()
	options := Options{Dir: t.TempDir(), Lane: byLetter, SegmentBytes: 300}
	log := open(t, options)
	all, of := mixed(60)
	appendAll(t, log, all...)
	segments := files(t, options.Dir, segmentSuffix)
	require.Greater(t, len(segments), 4)
	require.Equal(t, []string{"a", "b"}, log.Lanes())

	require.Equal(t, of["a"][:20], drainLane(t, log, "a", 20), "b holds nothing up")
	require.Equal(t, of["b"][:4], drainLane(t, log, "b", 4))
	require.EqualValues(t, len(all)-24, log.State().Records)

	require.NoError(t, log.Close())
	log = open(t, options)
	require.EqualValues(t, len(all)-24, log.State().Records, "nothing comes twice")
	appendAll(t, log, "a-later", "b-later")
	require.Equal(t, append(slices.Clone(of["a"][20:]), "a-later"), drainLane(t, log, "a", 1000))
	require.Equal(t, []string{"b"}, log.Lanes())

	require.NoError(t, log.Close())
	log = open(t, options)
	require.Equal(t, []string{"b"}, log.Lanes())
	require.Equal(t, append(slices.Clone(of["b"][4:]), "b-later"), drainLane(t, log, "b", 1000))
	left, err := os.ReadDir(options.Dir)
	require.NoError(t, err)
	for _, entry := range left {
		require.Contains(t, []string{lockName, "probe"}, entry.Name(), "a drained spool leaves nothing behind")
	}
}

func TestACursorThatIsLostOrDamagedCostsRepeatsAndNoRecord(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(path string) error{
		"lost":    os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"damaged": func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("x", 48)), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			options := Options{Dir: t.TempDir(), Lane: byLetter, SegmentBytes: 300}
			log := open(t, options)
			all, of := mixed(40)
			appendAll(t, log, all...)
			drainLane(t, log, "a", 15)
			require.NoError(t, log.Close())
			cursors, err := filepath.Glob(filepath.Join(options.Dir, cursorPrefix+"*"))
			require.NoError(t, err)
			require.Len(t, cursors, 1)
			require.NoError(t, harm(cursors[0]))
			log = open(t, options)
			require.Equal(t, of["b"], drainLane(t, log, "b", 1000))
			got := drainLane(t, log, "a", 1000)
			require.Subset(t, got, of["a"][15:])
			require.Subset(t, of["a"], got)
		})
	}
}

// TestACursorCoversNoSegmentThatIsNew keeps a cursor that could not be removed
// from hiding what is spooled later.
func TestACursorCoversNoSegmentThatIsNew(t *testing.T) {
	t.Parallel()
	options := Options{Dir: t.TempDir(), Lane: byLetter, SegmentBytes: 300}
	log := open(t, options)
	all, _ := mixed(40)
	appendAll(t, log, all...)
	drainLane(t, log, "a", 1000)
	drainLane(t, log, "b", 19)
	cursor, err := os.ReadFile(filepath.Join(options.Dir, cursorPrefix+"b"))
	require.NoError(t, err)
	drainLane(t, log, "b", 1000)
	require.NoError(t, log.Close())
	require.NoError(t, os.WriteFile(filepath.Join(options.Dir, cursorPrefix+"b"), cursor, 0o600))

	log = open(t, options)
	appendAll(t, log, "b-new")
	require.NoError(t, log.Close())
	log = open(t, options)
	require.Equal(t, []string{"b-new"}, drainLane(t, log, "b", 1000))
}

func TestASpoolOfAnEarlierVersionIsDrainedFromWhereItWas(t *testing.T) {
	t.Parallel()
	options := Options{Dir: t.TempDir()}
	log := open(t, options)
	contents := numbered(20)
	appendAll(t, log, contents...)
	batch, err := log.Read(oneLane, 5, 1<<20)
	require.NoError(t, err)
	require.NoError(t, log.Commit(batch))
	require.NoError(t, log.Close())
	require.NoError(t, os.Remove(filepath.Join(options.Dir, cursorPrefix+oneLane)), "it had none")
	log = open(t, options)
	require.Equal(t, contents[5:], drain(t, log))
}

func TestTheLaneOfAHitIsItsTopic(t *testing.T) {
	t.Parallel()
	entryOn := func(topic string) []byte {
		return entry{id: uuid.New(), topic: topic, payload: []byte("{}")}.encode()
	}
	require.Equal(t, "clicks", Topic(entryOn("clicks")))
	require.Equal(t, "postbacks", Topic(entryOn("postbacks")))
	for _, topic := range []string{"../../etc/passwd", "A", "", strings.Repeat("x", 200), "a b"} {
		require.Equal(t, restLane, Topic(entryOn(topic)), "no name of a file")
	}
	require.Equal(t, restLane, Topic([]byte("no hit")))
}
