package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells a person how far a long work has come: with a bar on a
// terminal, else with a line now and then.
type progress struct {
	out   io.Writer
	verb  string
	total int64
	done  int64
	bar   *progressbar.ProgressBar
	last  time.Time
}

// progressInterval is how often a line is written where there is no terminal.
const progressInterval = 5 * time.Second

func newProgress(out io.Writer, verb string, total int64) *progress {
	p := &progress{out: out, verb: verb, total: total, last: time.Now()}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetDescription(verb),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetWidth(30),
		)
	}
	return p
}

// add tells of n more.
func (p *progress) add(n int) {
	p.done += int64(n)
	if p.bar != nil {
		_ = p.bar.Add(n) // a bar that cannot be drawn stops no work
		return
	}
	if time.Since(p.last) >= progressInterval {
		p.last = time.Now()
		fmt.Fprintf(p.out, "%s %d of %d\n", p.verb, p.done, p.total)
	}
}

// finish leaves the bar as it stands and goes to the next line.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
	}
}

// progressBars draws work of several steps, one after the other.
type progressBars struct {
	out     io.Writer
	step    string
	current *progress
}

// draw is a dead.Progress.
func (b *progressBars) draw(step string, done, total int64) {
	if b.current == nil || step != b.step {
		b.finish()
		b.step, b.current = step, newProgress(b.out, step, total)
	}
	if more := done - b.current.done; more > 0 {
		b.current.add(int(more))
	}
}

// finish leaves the last bar as it stands.
func (b *progressBars) finish() {
	if b.current != nil {
		b.current.finish()
	}
}
