package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"integr8/handlers/operate"
	"integr8/pipeline/failure"
	"integr8/pipeline/monitor"
	"integr8/pipeline/spool"
)

// referenceFile is the file in SpoolDir of the reference data to start from while the
// database is away. The hits lie in a directory beside it: see spool.HitsIn.
const referenceFile = "reference"

// openSpool takes the spool directory for this process.
func (p *process) openSpool() (err error) {
	dir := p.options.Receiver.SpoolDir
	bound := p.options.Receiver.SpoolMaxBytes
	if bound == 0 {
		bound = -1 // what is there is drained, and no more comes
	}
	p.spool, err = spool.Open(spool.Options{Dir: spool.HitsIn(dir), MaxBytes: bound, Logger: p.logger})
	switch {
	case errors.Is(err, spool.ErrLocked):
		return failure.WithHint(fmt.Errorf("INTEGR8_SPOOL_DIR (--spool-dir): %w", err),
			"give each receiver of a machine a directory of its own and, without INTEGR8_REUSE_PORT, an INTEGR8_ADDR of its own; or wait until the one before has stopped")
	case err != nil:
		return failure.WithHint(fmt.Errorf("INTEGR8_SPOOL_DIR (--spool-dir): %w", err), "this user must be able to read and write "+dir)
	}
	p.referenceFile = filepath.Join(dir, referenceFile)
	p.add(
		component{name: "spool", stops: spooling, close: p.closeSpool},
		component{name: "orphaned spools", run: p.warnOfOrphans},
	)
	p.logger.Info("spooling what the broker does not take", "dir", dir, "bound", bound, "waiting", p.spool.State().Records)
	return nil
}

// closeSpool keeps what is left for the next start.
func (p *process) closeSpool() error {
	if left := p.spool.State().Records; left > 0 {
		dir := p.options.Receiver.SpoolDir
		p.logger.Warn("hits stay in the spool for the next start", "hits", left, "dir", dir,
			"hint", "start a receiver with this directory again, or: "+operate.DrainHint(dir))
	}
	if err := p.spool.Close(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// addSpool makes the way of a hit through the broker or the disk, and drains
// the latter.
func (p *process) addSpool() *spool.Queue {
	ledger := p.newLedger()
	queue := spool.NewQueue(spool.QueueOptions{
		Broker: p.publisher, Log: p.spool, Ledger: ledger, After: p.options.Receiver.SpoolAfter, Logger: p.logger,
	})
	p.add(component{name: "hits", run: queue.Run, ready: required(func(context.Context) (string, error) {
		remark, err := queue.Status()
		return remark, withoutAddress(err)
	})})
	p.metrics.WatchSpool(func() monitor.Spool {
		state := p.spool.State()
		return monitor.Spool{
			Hits: state.Records, Bytes: state.Bytes, Bound: max(0, p.options.Receiver.SpoolMaxBytes), Free: freeBytes(p.options.Receiver.SpoolDir), Oldest: state.Age(),
			Appended: state.Appended, Drained: state.Drained, Cut: state.Cut,
		}
	})
	p.keepBooks(ledger, queue)
	return queue
}

// freeBytes returns how much of the disk of a directory an ordinary user may still
// write; -1 when the disk does not say.
func freeBytes(dir string) int64 {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return -1
	}
	return int64(disk.Bavail) * int64(disk.Bsize)
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

// warnOfOrphans logs where hits wait that no process drains.
func (p *process) warnOfOrphans(context.Context) error {
	options := p.options.Receiver
	orphans, err := spool.Orphans(spool.HomesAround(options.SpoolDir, options.SpoolDirsNear...))
	if err != nil {
		p.logger.Warn("a directory beside the spool cannot be read", "error", err)
	}
	for _, orphan := range orphans {
		p.logger.Warn("hits wait in the spool of a receiver that does not run", "dir", orphan.Home, "hits", orphan.Waiting(),
			"oldest", orphan.Oldest, "hint", operate.DrainHint(orphan.Home))
	}
	return nil
}
