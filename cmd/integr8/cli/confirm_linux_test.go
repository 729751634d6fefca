package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/outcome"
)

// terminal opens a pseudo-terminal: what is written to person is typed.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, person.Close()) })
	var unlocked int32
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, person.Fd(), unix.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlocked)))
	require.Zero(t, errno)
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	program, err = os.OpenFile("/dev/pts/"+number(int64(n)), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, program.Close()) })
	return person, program
}

func TestDiscardOnATerminalAsksWithTheCount(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	s.die(2, s.ID, outcome.UnknownPublisher, s.Offer)
	person, program := terminal(t)
	for _, typed := range []struct {
		line string
		want map[dead.Status]int
	}{
		{"\n", map[dead.Status]int{dead.Open: 5}},
		{"no\n", map[dead.Status]int{dead.Open: 5}},
		{"all\n", map[dead.Status]int{dead.Open: 5}},
		{"Yes\n", map[dead.Status]int{dead.Discarded: 5}},
	} {
		_, err := person.WriteString(typed.line)
		require.NoError(t, err)
		var out, errs bytes.Buffer
		code := Run(context.Background(), []string{"dead", "discard", "--all"}, s.lookup, program, &out, &errs)
		require.Contains(t, errs.String(), "Discard 5 dead letters (3 offer_paused, 2 unknown_publisher)? [y/N]")
		require.Equal(t, typed.want, s.deadStatuses(), "%q", typed.line)
		if typed.want[dead.Discarded] == 0 {
			require.Equal(t, exitFailed, code)
			require.Contains(t, errs.String(), "nothing was discarded")
		} else {
			require.Zero(t, code, errs.String())
			require.Contains(t, out.String(), "5 dead letters were discarded.")
		}
	}
}

func TestAnInterruptedQuestionDiscardsNothing(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(1, s.ID, outcome.OfferPaused, s.Offer)
	_, program := terminal(t)
	ctx, interrupt := context.WithCancel(context.Background())
	asked := &whenWritten{text: "[y/N]", do: interrupt}
	var out bytes.Buffer
	require.Equal(t, exitFailed, Run(ctx, []string{"dead", "discard", "--all"}, s.lookup, program, &out, asked))
	require.Contains(t, asked.String(), "interrupted")
	require.Equal(t, map[dead.Status]int{dead.Open: 1}, s.deadStatuses())
}

// whenWritten does something once a text has been written to it.
type whenWritten struct {
	bytes.Buffer
	text string
	do   func()
}

func (w *whenWritten) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.do()
	}
	return n, err
}
