package cli

import (
	"context"
	"fmt"
	"time"
)

// serverWatch ends a long command when a server that it needs has been silent for
// too long: a statement that takes an hour looks the same, from its own
// connection, as one on a server that hangs.
type serverWatch struct {
	ctx     context.Context
	giveUp  context.CancelCauseFunc
	silence time.Duration
}

// over looks after a server until the command ends. ask returns nil once the
// server has answered. A nil watch does nothing.
func (w *serverWatch) over(server string, ask func(context.Context) error) {
	if w == nil {
		return
	}
	go w.run(server, ask)
}

func (w *serverWatch) run(server string, ask func(context.Context) error) {
	heard := time.Now()
	for w.ctx.Err() == nil {
		ctx, cancel := context.WithDeadline(w.ctx, heard.Add(w.silence))
		err := ask(ctx)
		cancel()
		pause := w.silence / 10
		if err == nil {
			heard, pause = time.Now(), w.silence/3
		}
		if time.Since(heard) >= w.silence {
			w.giveUp(&overdue{fmt.Sprintf("%s has not answered for %s", server, w.silence)})
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-w.ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}
