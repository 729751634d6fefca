package process_test

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shell starts a script and waits until it has printed a word.
func shell(t *testing.T, script, word string) *process.Process {
	t.Helper()
	p, err := process.Program{Name: "the script", Path: "/bin/sh", Args: []string{"-c", script}, Log: filepath.Join(t.TempDir(), "log")}.Start()
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Kill(context.Background()) }) // it may have ended
	require.NoError(t, p.Ready(t.Context(), process.Printed(p.Log, word)))
	return p
}

func TestStopLetsAProcessEndInGoodOrder(t *testing.T) {
	p := shell(t, `trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done`, "up")
	require.True(t, p.Running())
	require.NoError(t, p.Stop(t.Context(), time.Minute))
	require.False(t, p.Running())
	require.Contains(t, process.LogEnd(p.Log), "bye")
	require.ErrorIs(t, p.Stop(t.Context(), time.Minute), process.ErrEnded)
}

func TestStopReportsABadEndWithTheLog(t *testing.T) {
	p := shell(t, `trap 'echo that went wrong; exit 3' TERM; echo up; while :; do sleep 0.01; done`, "up")
	err := p.Stop(t.Context(), time.Minute)
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "that went wrong")
}

func TestStopKillsAProcessThatIgnoresTheSignal(t *testing.T) {
	p := shell(t, `trap '' TERM; echo up; while :; do sleep 0.01; done`, "up")
	require.ErrorContains(t, p.Stop(t.Context(), time.Millisecond), "not within 1ms")
	require.False(t, p.Running())
}

func TestReadyReportsAProcessThatEndsBefore(t *testing.T) {
	p, err := process.Program{Name: "the script", Path: "/bin/sh", Args: []string{"-c", "echo no luck; exit 1"}, Log: filepath.Join(t.TempDir(), "log")}.Start()
	require.NoError(t, err)
	err = p.Ready(t.Context(), process.Listening("127.0.0.1:1"))
	require.ErrorContains(t, err, "the script has died (exit status 1)")
	require.ErrorContains(t, err, "no luck")
}

func TestALimitOfFilesHolds(t *testing.T) {
	p, err := process.Program{Name: "the script", Path: "/bin/sh", Args: []string{"-c", `ulimit -n; echo "$1"`, "sh", "a b"},
		Log: filepath.Join(t.TempDir(), "log"), Files: 77}.Start()
	require.NoError(t, err)
	code, err := p.Wait(t.Context())
	require.NoError(t, err)
	require.Zero(t, code)
	require.Equal(t, "  77\n  a b", process.LogEnd(p.Log))
}

func TestOutputReturnsWhatAFailedProgramSaid(t *testing.T) {
	run := func(script string) ([]byte, error) {
		return process.Program{Name: "the script", Path: "/bin/sh", Args: []string{"-c", script}}.Output(t.Context())
	}
	out, err := run("echo fine")
	require.NoError(t, err)
	require.Equal(t, "fine\n", string(out))
	_, err = run("echo table; echo why >&2; exit 4")
	require.Equal(t, &process.Failed{Name: "the script", Code: 4, Said: "why"}, err)
	_, err = run("echo FAIL; exit 1")
	require.ErrorContains(t, err, "FAIL")
}

func TestKillEndsAProcessThatHangs(t *testing.T) {
	p := shell(t, "echo up; while :; do sleep 0.01; done", "up")
	require.NoError(t, p.Signal(syscall.SIGSTOP))
	require.NoError(t, p.Kill(t.Context()))
	code, err := p.Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, -1, code)
}
