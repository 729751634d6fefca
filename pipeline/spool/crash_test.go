package spool

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// childDir is the variable that makes the test binary append until it is killed.
const childDir = "SPOOL_TEST_CHILD_DIR"

// appendUntilKilled appends with several callers and prints the number of each
// record once its append has returned.
func appendUntilKilled(dir string) {
	log, err := Open(Options{Dir: dir, SegmentBytes: 20_000})
	if err != nil {
		panic(err)
	}
	first, err := strconv.Atoi(os.Getenv(childDir + "_FIRST"))
	if err != nil {
		panic(err)
	}
	const callers = 8
	var appending sync.WaitGroup
	for caller := range callers {
		appending.Go(func() {
			for i := first + caller; ; i += callers {
				content := fmt.Sprintf("%d %0*d", i, 1+rand.IntN(300), 0)
				if err := log.Append(context.Background(), []byte(content)); err != nil {
					panic(err)
				}
				fmt.Println(i)
			}
		})
	}
	appending.Wait()
}

func TestAKilledProcessLosesNothingThatItReportedAsDurable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	durable := map[int]bool{}
	first := 0
	drained := map[int]int{}
	for round := range 12 {
		for number := range runAndKill(t, dir, first) {
			durable[number] = true
			first = max(first, number)
		}
		first += 1000
		if round%3 != 2 {
			continue // the next process continues with this directory
		}
		log := open(t, Options{Dir: dir})
		for _, content := range drain(t, log) {
			var number int
			_, err := fmt.Sscan(content, &number)
			require.NoError(t, err)
			drained[number]++
		}
		require.NoError(t, log.Close())
		require.Empty(t, files(t, dir, damagedSuffix))
	}
	require.Greater(t, len(durable), 100)
	for number := range durable {
		require.Equal(t, 1, drained[number], "record %d was reported as durable", number)
	}
	for number, times := range drained {
		require.Equal(t, 1, times, "record %d", number)
	}
}

// runAndKill runs a process that appends, kills it at a random moment, and returns the
// numbers that it printed.
func runAndKill(t *testing.T, dir string, first int) map[int]bool {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("%s_FIRST=%d", childDir, first))
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	reported := map[int]bool{}
	lines := bufio.NewReader(output)
	var kill *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // a line that the kill cut short reports nothing
		}
		require.NoError(t, err)
		number, err := strconv.Atoi(line[:len(line)-1])
		require.NoError(t, err)
		reported[number] = true
		if kill == nil {
			kill = time.AfterFunc(time.Duration(rand.IntN(int(80*time.Millisecond))), func() { _ = child.Process.Kill() })
			defer kill.Stop()
		}
	}
	require.Error(t, child.Wait(), "it was killed")
	return reported
}
