package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// teller tells a person what happens: lines, and on a terminal a bar below
// them that shows how far the load is. It is safe for concurrent use.
type teller struct {
	mu  sync.Mutex
	out io.Writer
	bar *progressbar.ProgressBar
}

// line writes a line above the bar.
func (t *teller) line(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bar != nil {
		_ = t.bar.Clear() // a bar that cannot be drawn stops no drill
	}
	fmt.Fprintf(t.out, format+"\n", args...)
}

// Where there is no terminal, a line every so often has to do.
const (
	barInterval  = 200 * time.Millisecond
	lineInterval = 5 * time.Second
)

// follow shows how far something is until stop is called.
func (t *teller) follow(name string, total int, done func() int, line func(string, ...any)) (stop func()) {
	interval := lineInterval
	if file, ok := t.out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		interval = barInterval
		t.mu.Lock()
		t.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(t.out), progressbar.OptionSetDescription(name),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish())
		t.mu.Unlock()
	}
	ended := make(chan struct{})
	var following sync.WaitGroup
	following.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				t.show(total, done(), line)
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		following.Wait()
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.bar != nil {
			_ = t.bar.Clear()
			t.bar = nil
		}
	}
}

func (t *teller) show(total, done int, line func(string, ...any)) {
	t.mu.Lock()
	bar := t.bar
	if bar != nil {
		_ = bar.Set(min(done, total))
	}
	t.mu.Unlock()
	if bar == nil {
		line("%d of %d requests sent", done, total)
	}
}
