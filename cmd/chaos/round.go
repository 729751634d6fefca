package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/load"
	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/stack"
)

// round is one run of a drill.
type round struct {
	drill    drill
	binaries *system.Binaries
	servers  *stack.Servers
	dir      string
	rate     int
	seed     uint64
	teller   *teller

	system  *system.System
	network *wires
	load    *load.Load
	ledger  *ledger.Ledger
	random  *rand.Rand
	over    chan struct{} // closed when the load is over
	began   time.Time

	mu     sync.Mutex
	faults int
	notes  []check.Violation
}

// run carries the drill out. It leaves only its directory behind.
func (r *round) run(ctx context.Context) (found result) {
	found.drill = r.drill
	r.began = time.Now()
	defer func() {
		found.faults = r.faults
		found.took = time.Since(r.began)
		if found.report != nil {
			found.report.Violations = append(found.report.Violations, r.notes...)
		}
	}()
	r.random = rand.New(rand.NewPCG(r.seed, uint64(len(r.drill.name))))
	r.over = make(chan struct{})
	if err := r.prepare(ctx); err != nil {
		found.err = err
		return found
	}
	defer func() { found.err = errors.Join(found.err, r.clear(context.WithoutCancel(ctx))) }()
	if err := r.play(ctx); err != nil {
		found.err = err
		return found
	}
	if found.report, found.err = check.Run(ctx, r.system.DB, r.system.World, r.ledger.Entries()); found.err != nil {
		return found
	}
	if r.drill.loses != nil {
		found.err = errors.Join(r.lose(ctx), r.leave(ctx))
	}
	return found
}

func (r *round) prepare(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return fmt.Errorf("make the directory of the drill: %w", err)
	}
	r.say("begins: %s", r.drill.about)
	options := system.Options{
		Binaries: r.binaries, Servers: r.servers, Dir: r.dir, Faulty: r.drill.faulty, Settings: r.drill.settings,
	}
	if r.drill.proxied {
		r.network = &wires{}
		options.Through = r.network.through
	}
	if r.system, err = system.New(ctx, options); err != nil {
		return err
	}
	r.ledger, err = ledger.Create(filepath.Join(r.dir, "ledger.jsonl"))
	if err != nil {
		return errors.Join(err, r.system.Remove(ctx))
	}
	addresses := r.system.Addresses()
	if r.drill.proxied {
		if addresses, err = r.network.clients(r.system.Receivers); err != nil {
			return errors.Join(err, r.system.Remove(ctx))
		}
	}
	r.load = load.New(load.Options{
		World: r.system.World, Ledger: r.ledger, Receivers: addresses, Rate: r.rate, Requests: r.drill.requests,
		Seed: r.seed, Retries: true, Poison: r.poison,
	})
	return nil
}

// play runs the load and the faults at the same time, and then waits for quiet.
func (r *round) play(ctx context.Context) error {
	if r.drill.before != nil {
		if err := r.drill.before(ctx, r); err != nil {
			return fmt.Errorf("prepare the faults: %w", err)
		}
	}
	starting, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := r.system.Start(starting); err != nil {
		return err
	}
	stopBeside := r.runBeside(ctx)
	err := r.underLoad(ctx)
	if err == nil && r.drill.after != nil {
		err = r.drill.after(ctx, r)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("inject faults: %w", err), stopBeside())
	}
	r.say("load is over after %d requests and %d faults; waiting for quiet", r.load.Sent(), r.faults)
	if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
		r.restless("quiet", err.Error())
	}
	if err := stopBeside(); err != nil {
		return err
	}
	r.unanswered()
	if err := r.attempts(ctx); err != nil {
		return err
	}
	if err := r.rollups(ctx); err != nil {
		return err
	}
	if err := r.books(ctx); err != nil {
		return err
	}
	if r.drill.judge != nil {
		if err := r.drill.judge(ctx, r); err != nil {
			return fmt.Errorf("judge: %w", err)
		}
	}
	if r.drill.loses != nil {
		return nil // the processes are still needed
	}
	return r.leave(ctx)
}

// unanswered reports requests that failed and were not accepted later.
func (r *round) unanswered() {
	if !r.drill.answered {
		return
	}
	failed := map[int64]ledger.Entry{}
	for _, e := range r.ledger.Entries() {
		if e.Answer.Fate != ledger.Answered || e.Answer.Status >= 500 {
			failed[e.Seq] = e
		}
	}
	for _, e := range r.ledger.Entries() {
		delete(failed, e.Again) // if this one failed too, it represents both
	}
	for _, e := range failed {
		r.note(check.Violation{Rule: check.NotAnswered, Seq: e.Seq, Expected: "a later attempt that is answered",
			Found: fmt.Sprintf("%s %d %s", e.Answer.Fate, e.Answer.Status, e.Answer.Error)})
	}
}

// attempts checks that workers counted no failure against a hit unless the hit
// requested one. The counts of workers that were killed are lost.
func (r *round) attempts(ctx context.Context) error {
	if r.drill.poison != nil {
		return nil
	}
	spent, err := r.system.Attempts(ctx)
	if err != nil {
		return err
	}
	for class, n := range spent {
		if class == "transient" || class == "permanent" {
			r.note(check.Violation{Rule: check.SpentAttempt, Expected: "no attempt spent", Found: fmt.Sprintf("%d of class %s", n, class)})
		}
	}
	return nil
}

// runBeside runs the drill's work that lasts until the system is quiet.
func (r *round) runBeside(ctx context.Context) (stop func() error) {
	if r.drill.beside == nil {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.drill.beside(ctx, r) }()
	return func() error { cancel(); return <-ended }
}

// underLoad sends the load and injects the faults.
func (r *round) underLoad(ctx context.Context) error {
	defer r.follow()()
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(r.over)
		r.load.Run(groupCtx)
		return nil
	})
	group.Go(func() error {
		if r.drill.faults == nil {
			return nil
		}
		return r.drill.faults(groupCtx, r)
	})
	return group.Wait()
}

// leave stops the processes and checks that they leave nothing behind.
func (r *round) leave(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.system.Stop(ctx); err != nil {
		r.restless("processes that end in good order", err.Error())
	}
	left, err := r.system.Leftovers(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		r.restless("empty queues and spools", strings.Join(left, "; "))
	}
	return nil
}

// note records a violation that the database does not show.
func (r *round) note(violation check.Violation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, violation)
}

// restless records that the system did not become quiet as it should.
func (r *round) restless(expected, found string) {
	r.note(check.Violation{Rule: check.NotQuiet, Expected: expected, Found: found})
}

// receipts returns the receipts that were given out.
func receipts(entries []ledger.Entry) []string {
	var all []string
	for _, e := range entries {
		if e.Answer.Receipt != "" {
			all = append(all, e.Answer.Receipt)
		}
	}
	return all
}

// clear ends what is left of a drill.
func (r *round) clear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	errs := []error{r.system.Kill(ctx)}
	if r.network != nil {
		errs = append(errs, r.network.close())
	}
	return errors.Join(append(errs, r.ledger.Close(), r.system.Remove(ctx))...)
}

// fault counts a fault and prints it.
func (r *round) fault(format string, args ...any) {
	r.count()
	r.say(format, args...)
}

// count counts a fault without printing it.
func (r *round) count() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults++
}

// poison returns the fault of a story, or "", and counts it.
func (r *round) poison(story int) string {
	if r.drill.poison == nil {
		return ""
	}
	poison := r.drill.poison(story)
	if poison != "" {
		r.count()
	}
	return poison
}

// say prints what happens, with the time since the drill began.
func (r *round) say(format string, args ...any) {
	r.teller.line("%-16s %6.1fs  %s", r.drill.name, time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
}

// pause waits for a random time between from and to. It returns false when the load or
// ctx has ended before.
func (r *round) pause(ctx context.Context, from, to time.Duration) bool {
	wait := from
	if to > from {
		r.mu.Lock()
		wait += time.Duration(r.random.Int64N(int64(to - from)))
		r.mu.Unlock()
	}
	select {
	case <-time.After(wait):
		return true
	case <-r.over:
		return false
	case <-ctx.Done():
		return false
	}
}
