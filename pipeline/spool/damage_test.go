package spool

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// segmentOf returns the bytes of a segment with these records.
func segmentOf(t testing.TB, contents ...string) []byte {
	t.Helper()
	log := open(t, Options{})
	appendAll(t, log, contents...)
	require.NoError(t, log.Close())
	data, err := os.ReadFile(segmentPath(log.options.Dir, 1))
	require.NoError(t, err)
	return data
}

// openWith opens a Log whose only segment has these bytes, and returns its log
// output.
func openWith(t testing.TB, data []byte) (*Log, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(segmentPath(dir, 1), data, 0o600))
	var logged bytes.Buffer
	return open(t, Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(&logged, nil))}), &logged
}

func TestATornLastRecordIsCutOffAndAllBeforeItSurvives(t *testing.T) {
	t.Parallel()
	contents := []string{"first", "second", "third", "the last one, which is torn"}
	before, data := segmentOf(t, contents[:3]...), segmentOf(t, contents...)
	for size := len(before); size <= len(data); size++ {
		log, logged := openWith(t, data[:size])
		want := contents[:3]
		switch size {
		case len(before):
			require.Zero(t, log.State().Cut)
		case len(data):
			require.Zero(t, log.State().Cut)
			want = contents
		default:
			require.EqualValues(t, 1, log.State().Cut, "cut at %d", size)
			require.Contains(t, logged.String(), "cut off")
		}
		require.EqualValues(t, len(want), log.State().Records)

		// Records that are appended now are not lost behind the cut.
		appendAll(t, log, "appended after the crash")
		require.NoError(t, log.Close())
		log = open(t, log.options)
		require.Zero(t, log.State().Cut, "a cut is reported once")
		require.Equal(t, append(slices.Clone(want), "appended after the crash"), drain(t, log), "cut at %d", size)
		require.Empty(t, files(t, log.options.Dir, damagedSuffix))
	}
}

func TestACrashWhileASegmentIsBegunLosesNothing(t *testing.T) {
	t.Parallel()
	data := segmentOf(t, "only")
	for size := range headerBytes + 1 {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(segmentPath(dir, 1), data, 0o600))
		require.NoError(t, os.WriteFile(segmentPath(dir, 2), segmentHeader(magic)[:size], 0o600))
		log := open(t, Options{Dir: dir})
		require.Zero(t, log.State().Cut)
		require.Equal(t, []string{"only"}, drain(t, log))
	}
}

func TestZerosAtTheEndAreCutOff(t *testing.T) {
	t.Parallel()
	data := segmentOf(t, "one", "two")
	log, _ := openWith(t, append(data, make([]byte, 3*windowBytes)...))
	require.EqualValues(t, 1, log.State().Cut)
	require.Equal(t, []string{"one", "two"}, drain(t, log))
}

func TestAFlippedBitCostsOneRecordAtMost(t *testing.T) {
	t.Parallel()
	contents := []string{"first", "second", "third"}
	data := segmentOf(t, contents...)
	for bit := range 8 * len(data) {
		damaged := slices.Clone(data)
		damaged[bit/8] ^= 1 << (bit % 8)
		log, logged := openWith(t, damaged)
		got := drain(t, log)
		if bit < 8*headerBytes {
			require.Equal(t, contents, got, "bit %d of the header", bit)
			continue
		}
		require.Len(t, got, 2, "bit %d", bit)
		require.Subset(t, contents, got)
		require.EqualValues(t, 1, log.State().Cut)
		require.NotEmpty(t, logged.String())
		last := !slices.Contains(got, "third")
		require.Equal(t, last, len(files(t, log.options.Dir, damagedSuffix)) == 0,
			"a file that held a damaged record, not just a torn end, is kept")
	}
}

func TestDamageAcrossManyWindowsCostsOnlyWhatItCovers(t *testing.T) {
	t.Parallel()
	long := string(bytes.Repeat([]byte("y"), 3*windowBytes))
	data := segmentOf(t, "before", long, "after")
	start := len(segmentOf(t, "before"))
	copy(data[start:], make([]byte, 2*windowBytes+5))
	log, _ := openWith(t, data)
	require.Equal(t, []string{"before", "after"}, drain(t, log))
	require.EqualValues(t, 1, log.State().Cut)
}

func TestDamagedFilesAreKeptBesideTheBound(t *testing.T) {
	t.Parallel()
	data := segmentOf(t, "damaged", "whole")
	data[headerBytes+recordHeaderBytes] ^= 1
	log, _ := openWith(t, data)
	require.Equal(t, []string{"whole"}, drain(t, log))
	kept := files(t, log.options.Dir, damagedSuffix)
	require.Len(t, kept, 1)
	aside := Aside{Files: 1, Bytes: int64(len(data))}
	require.Equal(t, aside, log.State().Aside)
	require.Zero(t, log.used())
	require.NoError(t, log.Close())

	log.options.MaxBytes = int64(len(data)) // room for nothing beside it
	log = open(t, log.options)
	require.Equal(t, aside, log.State().Aside)
	require.Zero(t, log.State().Bytes)
	appendAll(t, log, "appended")
	require.Equal(t, []string{segmentPath(log.options.Dir, 2)}, files(t, log.options.Dir, segmentSuffix),
		"no number is given again while its file is kept")
}

func TestASegmentThatDisappearsOrShrinksIsReportedAndSkipped(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(path string) error{
		"removed":  os.Remove,
		"emptied":  func(path string) error { return os.Truncate(path, 0) },
		"cut down": func(path string) error { return os.Truncate(path, headerBytes+recordHeaderBytes+3) },
	} {
		t.Run(name, func(t *testing.T) {
			first := strings.Repeat("first", 20)
			log := open(t, Options{SegmentBytes: 140})
			appendAll(t, log, first, "second", "third", "fourth")
			require.Len(t, files(t, log.options.Dir, segmentSuffix), 3)
			require.NoError(t, harm(filepath.Join(log.options.Dir, "00000000000000000002.log")))
			require.Equal(t, []string{first, "fourth"}, drain(t, log))
			require.NotZero(t, log.State().Cut)
			require.Zero(t, log.State().Records)
		})
	}
}
