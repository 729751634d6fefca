package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

// What is in the spool directory: the hits that wait for the broker, and the
// reference data to start from while the database is away.
const (
	spooledHits   = "hits"
	referenceFile = "reference"
)

// spoolDir is where a receiver keeps what must outlive it. The default does
// not depend on where the process is started, because a receiver that looked
// elsewhere after a restart would leave behind what it had answered for; and
// it tells receivers of one machine apart, by the address of each.
func (a *app) spoolDir() (string, error) {
	if a.settings.SpoolDir != "" {
		return a.settings.SpoolDir, nil
	}
	return a.defaultSpoolDir()
}

func (a *app) defaultSpoolDir() (string, error) {
	own := strings.ReplaceAll(a.settings.Addr, ":", "_")
	if state, ok := a.lookup("XDG_STATE_HOME"); ok && filepath.IsAbs(state) {
		return filepath.Join(state, "integr8", own), nil
	}
	home, ok := a.lookup("HOME")
	if !ok || !filepath.IsAbs(home) {
		account, err := user.Current()
		if err != nil || !filepath.IsAbs(account.HomeDir) {
			return "", withHint(errors.New("INTEGR8_SPOOL_DIR is not set, and this user has no home directory for a default"),
				"name a directory that outlives the process: export INTEGR8_SPOOL_DIR=/var/lib/integr8")
		}
		home = account.HomeDir
	}
	return filepath.Join(home, ".local", "state", "integr8", own), nil
}

// openSpool takes the spool directory for this process.
func (p *process) openSpool(app *app) error {
	dir, err := app.spoolDir()
	if err != nil {
		return err
	}
	bound := int64(p.settings.SpoolMaxBytes)
	if bound == 0 {
		bound = -1 // what is there is drained, and no more comes
	}
	p.spool, err = spool.Open(spool.Options{Dir: filepath.Join(dir, spooledHits), MaxBytes: bound, Logger: p.logger})
	switch {
	case errors.Is(err, spool.ErrLocked):
		return withHint(fmt.Errorf("INTEGR8_SPOOL_DIR (--spool-dir): %w", err),
			"give each receiver of a machine a directory of its own and, without INTEGR8_REUSE_PORT, an INTEGR8_ADDR of its own; or wait until the one before has stopped")
	case err != nil:
		return withHint(fmt.Errorf("INTEGR8_SPOOL_DIR (--spool-dir): %w", err), "this user must be able to read and write "+dir)
	}
	p.referenceFile = filepath.Join(dir, referenceFile)
	p.spoolDir = dir
	p.parts = append(p.parts, func(context.Context) error {
		p.warnOfOrphans(app, dir)
		return nil
	})
	p.logger.Info("spooling what the broker does not take", "dir", dir, "bound", bound, "waiting", p.spool.State().Records)
	return nil
}

// closeSpool keeps what is left for the next start. It may be called again.
func (p *process) closeSpool() error {
	if p.spool == nil {
		return nil
	}
	if left := p.spool.State().Records; left > 0 {
		p.logger.Warn("hits stay in the spool for the next start", "hits", left, "dir", p.spoolDir,
			"hint", "start a receiver with this directory again, or: "+drainHint(p.spoolDir))
	}
	if err := p.spool.Close(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// addSpool makes the way of a hit through the broker or the disk, and drains
// the latter.
func (p *process) addSpool() *spool.Queue {
	queue := spool.NewQueue(spool.QueueOptions{
		Broker: p.publisher, Log: p.spool, After: p.settings.SpoolAfter, Logger: p.logger,
	})
	p.parts = append(p.parts, queue.Run)
	// The broker and the disk: either of the two is enough.
	p.tolerate("broker", "away, hits go to disk")
	p.tolerate("database", "away, hits wait")
	p.checks["hits"] = func(context.Context) (string, error) {
		remark, err := queue.Status()
		return remark, withoutAddress(err)
	}
	p.metrics.WatchSpool(func() monitor.Spool {
		state := p.spool.State()
		return monitor.Spool{
			Hits: state.Records, Bytes: state.Bytes, Oldest: state.Age(),
			Appended: state.Appended, Drained: state.Drained, Cut: state.Cut,
		}
	})
	return queue
}

// withoutAddress is the error of a spool.Queue in words that anybody may see.
func withoutAddress(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, spool.ErrFull):
		return errors.New("the spool is full, and the broker takes no hits, see the log")
	}
	return errors.New("neither the broker nor the spool takes hits, see the log")
}

// firstConnect is how long the doors stay shut at the start for the broker: a
// connection to one that is there takes milliseconds.
const firstConnect = time.Second

// awaitBroker waits for the outcome of the first attempt to connect, so that
// the first hits of a receiver do not take the way over the disk for nothing.
func (p *process) awaitBroker(ctx context.Context) {
	over := time.After(firstConnect)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for errors.Is(p.publisher.Err(), rabbit.ErrConnecting) {
		select {
		case <-look.C:
		case <-over:
			return
		case <-ctx.Done():
			return
		}
	}
}
