package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

// The contenders.
const (
	rawBroker     = "raw broker"
	stockOne      = "stock, 1 subscription"
	stockMany     = "stock, 64 subscriptions"
	oneHitMessage = "ours, one hit a message"
	ours          = "ours"
	bareHandler   = "bare handler"
	beside        = "beside"
)

// contender is a system that accepts hits over HTTP.
type contender struct {
	name string
	// most is the share of --most that it certainly does not exceed.
	most float64
	// receive and work start its processes. Without work it commits nothing.
	receive, work starter
}

// starter starts a process on a ground.
type starter func(ctx context.Context, b *bench, g *ground) (*service, error)

// contenders holds the contenders by name, except the raw broker, which has no HTTP.
// With one hit a message, the worker prefetches more messages, to keep as many hits
// under way.
var contenders = map[string]contender{
	ours:          {ours, 1, integr8("receive"), integr8("work")},
	oneHitMessage: {oneHitMessage, 0.7, integr8("receive", "INTEGR8_BATCH_HITS=1"), integr8("work", "INTEGR8_PREFETCH=4096")},
	stockOne:      {stockOne, 0.1, own("stock-receive"), own("stock-work", "--subscriptions=1")},
	stockMany:     {stockMany, 0.4, own("stock-receive"), own("stock-work", "--subscriptions=64")},
	bareHandler:   {bareHandler, 1, own("bare"), nil},
	beside:        {beside, 1, integr8Beside("receive"), integr8Beside("work")},
}

// environment returns the environment of all processes: the servers, the secret, and
// none of the caller's own settings for integr8.
func (b *bench) environment(g *ground, more ...string) []string {
	kept := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "INTEGR8_") })
	return append(append(kept, "DATABASE_URL="+g.url, "AMQP_URL="+b.servers.AMQPURL, "INTEGR8_SECRET="+b.secret), more...)
}

// integr8 starts a process of this checkout, as it is shipped except for settings.
func integr8(command string, settings ...string) starter {
	return func(ctx context.Context, b *bench, g *ground) (*service, error) {
		return b.integr8(ctx, g, b.program("integr8"), command, settings)
	}
}

// integr8Beside starts a process of the program that is measured beside this one.
func integr8Beside(command string) starter {
	return func(ctx context.Context, b *bench, g *ground) (*service, error) {
		return b.integr8(ctx, g, b.options.Beside, command, nil)
	}
}

func (b *bench) integr8(ctx context.Context, g *ground, program, command string, settings []string) (*service, error) {
	addr, err := ports.Address()
	if err != nil {
		return nil, err
	}
	admin, err := ports.Address()
	if err != nil {
		return nil, err
	}
	// The spool is its own, so that it holds no hits of an earlier trial.
	spool, err := os.MkdirTemp(b.work, "spool-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the spool: %w", err)
	}
	settings = append([]string{"INTEGR8_ADDR=" + addr, "INTEGR8_ADMIN_ADDR=" + admin, "INTEGR8_WEB_ADDR=off", "INTEGR8_SPOOL_DIR=" + spool,
		"INTEGR8_PROFILE=" + strconv.FormatBool(b.options.Profile)}, settings...)
	ready := process.OK("http://" + admin + "/readyz")
	s, err := b.startService(ctx, g, program, []string{command}, settings, func(ctx context.Context) error {
		err := ready(ctx)
		if err == nil && command == "receive" {
			err = process.Listening(addr)(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.addr, s.admin = addr, admin
	return s, nil
}

// own starts a server of this program, with more arguments than its address.
func own(command string, more ...string) starter {
	return func(ctx context.Context, b *bench, g *ground) (*service, error) {
		addr, err := ports.Address()
		if err != nil {
			return nil, err
		}
		s, err := b.startService(ctx, g, b.executable, append([]string{command, "--addr", addr}, more...), nil, process.Listening(addr))
		if err != nil {
			return nil, err
		}
		s.addr = addr
		return s, nil
	}
}

// fleet holds the running processes of a contender.
type fleet struct {
	receiver *service
	workers  []*service
}

// start starts the processes of a trial. If hits have to wait, it starts the workers
// after those were accepted.
func (b *bench) start(ctx context.Context, t trial, piled traffic) (f *fleet, err error) {
	f = &fleet{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.stop())
		}
	}()
	// The baseline's worker declares the queue to which its receiver publishes.
	if t.pile == 0 {
		if err := b.addWorkers(ctx, f, t, t.workers); err != nil {
			return f, err
		}
	}
	if f.receiver, err = t.contender.receive(ctx, b, t.ground); err != nil || t.pile == 0 {
		return f, err
	}
	if err := b.pile(ctx, f, piled); err != nil {
		return f, err
	}
	return f, b.addWorkers(ctx, f, t, t.workers)
}

func (b *bench) addWorkers(ctx context.Context, f *fleet, t trial, n int) error {
	for range n {
		worker, err := t.contender.work(ctx, b, t.ground)
		if err != nil {
			return err
		}
		f.workers = append(f.workers, worker)
	}
	return nil
}

// stop stops all processes, the receiver first.
func (f *fleet) stop() error {
	var errs []error
	if f.receiver != nil {
		errs = append(errs, f.receiver.stop())
	}
	for _, worker := range f.workers {
		errs = append(errs, worker.stop())
	}
	return errors.Join(errs...)
}

// usage sums up several services.
func usage(services ...*service) (proctree.Usage, error) {
	var total proctree.Usage
	for _, s := range services {
		if s == nil {
			continue
		}
		used, err := proctree.UsageOf(s.PID())
		if err != nil {
			return total, fmt.Errorf("%s: %w; its log, %s, ends with:\n%s", s.Name, err, s.Log, process.LogEnd(s.Log))
		}
		total.CPU += used.CPU
		total.PeakBytes = max(total.PeakBytes, used.PeakBytes)
	}
	return total, nil
}
