package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

type spoolCommand struct {
	Show  spoolShowCommand  `cmd:"" help:"Show what waits in a spool directory, or in that of this receiver and those beside it."`
	Drain spoolDrainCommand `cmd:"" time:"long" help:"Hand the hits of a spool directory that no process holds to the broker."`
}

// spoolView is a directory as it is answered.
type spoolView struct {
	Dir          string           `json:"dir"`
	Held         bool             `json:"held"`
	Hits         int64            `json:"hits"`
	Topics       map[string]int64 `json:"topics"`
	Bytes        int64            `json:"bytes"`
	Oldest       *time.Time       `json:"oldest"`
	Unreadable   int              `json:"unreadable"`
	DamagedFiles int              `json:"damaged_files"`
	DamagedBytes int64            `json:"damaged_bytes"`
}

func viewSpool(dir string, content spool.Content) spoolView {
	view := spoolView{
		Dir: dir, Held: content.Held, Hits: content.Waiting(), Topics: content.Records, Bytes: content.Bytes,
		Unreadable: content.Damaged, DamagedFiles: content.Aside.Files, DamagedBytes: content.Aside.Bytes,
	}
	if !content.Oldest.IsZero() {
		view.Oldest = &content.Oldest
	}
	return view
}

type spoolShowCommand struct {
	output
	Dir string `arg:"" optional:"" type:"path" help:"The directory, as INTEGR8_SPOOL_DIR names it."`
}

// Run reads directories, also those that a process has open.
func (c *spoolShowCommand) Run(_ context.Context, app *app) error {
	dirs := []string{c.Dir}
	nothing := ""
	if c.Dir == "" {
		own, err := app.spoolDir()
		if err != nil {
			return err
		}
		dirs = app.otherSpools(own)
		if isDirectory(filepath.Join(own, spooledHits)) {
			dirs = append([]string{own}, dirs...)
		}
		nothing = "No receiver's spool is in " + own + ", and no hits wait beside it. Name the directory, as INTEGR8_SPOOL_DIR has it, to look elsewhere."
	}
	views := make([]spoolView, len(dirs))
	for i, dir := range dirs {
		content, err := spool.Inspect(spoolHits(dir))
		if err != nil {
			return withHint(err, "name the directory that the receiver has in INTEGR8_SPOOL_DIR")
		}
		views[i] = viewSpool(dir, content)
	}
	return c.print(app, views, func(t *table) {
		if len(views) == 0 {
			t.row(nothing)
			return
		}
		t.row("DIRECTORY", "HELD", "HITS", "BYTES", "OLDEST", "UNREADABLE", "DAMAGED FILES")
		for _, view := range views {
			held := "no"
			if view.Held {
				held = "yes"
			}
			t.row(view.Dir, held, view.Hits, view.Bytes, clockOrDash(view.Oldest), view.Unreadable, view.DamagedFiles)
		}
	})
}

type spoolDrainCommand struct {
	output
	Dir string `arg:"" type:"existingdir" help:"The directory, as INTEGR8_SPOOL_DIR named it. A receiver that runs drains its own."`
}

type spoolDrained struct {
	Drained uint64 `json:"drained"`
	Left    int64  `json:"left"`
}

// Run drains until nothing is left or ctx ends; then it may be run again.
func (c *spoolDrainCommand) Run(ctx context.Context, app *app) (err error) {
	address, err := app.brokerURL()
	if err != nil {
		return err
	}
	log, err := spool.Open(spool.Options{Dir: spoolHits(c.Dir), MaxBytes: -1, Logger: app.commandLogger()})
	if errors.Is(err, spool.ErrLocked) {
		return withHint(err, "its receiver runs and drains it; stop that first if it must be done by hand")
	}
	if err != nil {
		return withHint(err, "this user must be able to read and write the directory")
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: address, Topology: app.settings.topology(), ConfirmTimeout: app.settings.ConfirmTimeout, Logger: app.commandLogger(),
		MaxItems: app.settings.BatchHits, Outstanding: outstanding(app.settings.BatchHits),
	})
	if err != nil {
		return fmt.Errorf("prepare to publish: %w", err)
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()

	queue := spool.NewQueue(spool.QueueOptions{Broker: publisher, Log: log, Logger: app.commandLogger()})
	if err := drainAll(ctx, queue, log); err != nil {
		return err
	}
	state := log.State()
	if err := c.print(app, spoolDrained{state.Drained, state.Records}, func(t *table) {
		t.row(fmt.Sprintf("Drained %d hits; left: %d", state.Drained, state.Records))
	}); err != nil || state.Records == 0 {
		return err
	}
	return withHint(fmt.Errorf("%d hits are left", state.Records), "nothing is lost: run it again")
}

// drainAll drains until the log is empty or ctx ends.
func drainAll(ctx context.Context, queue *spool.Queue, log *spool.Log) error {
	draining, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- queue.Run(draining) }()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for log.State().Records > 0 && ctx.Err() == nil {
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
	stop()
	return <-ended
}
