package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"integr8/handlers/operate"
	"integr8/handlers/operate/search"
)

// listProgress shows on a terminal how far a list has come. It shows nothing where the
// rows themselves go to the terminal.
type listProgress struct {
	out  io.Writer
	noun string
	last time.Time
}

// newListProgress returns nil where nothing is to be shown.
func (inv *invocation) newListProgress(noun string) *listProgress {
	if !isTerminal(inv.stderr) || isTerminal(inv.stdout) {
		return nil
	}
	return &listProgress{out: inv.stderr, noun: noun}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// draw is search.Searches.Progress.
func (p *listProgress) draw(at search.Progress) {
	const often = 200 * time.Millisecond
	if time.Since(p.last) < often {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.out, "\r%s, back to %s UTC, %d %% of the period\x1b[K", operate.Counted(at.Rows, p.noun), operate.Clock(at.Back), int(100*at.Share))
}

// finish clears the line.
func (p *listProgress) finish() {
	if p != nil && !p.last.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
