package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"integr8/cmd/bench/cost"
	"integr8/cmd/devstack/ports"
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

// contender is a system that takes hits over HTTP.
type contender struct {
	name string
	// most is the share of --most that it will certainly not exceed.
	most float64
	// receive and work start its processes.
	receive, work func(ctx context.Context, b *bench, g *ground) (*service, error)
}

// contenders by name, but for the raw broker, which takes no HTTP.
var contenders = map[string]contender{
	ours:          {ours, 1, integr8Receive(ofThisCheckout, 0), integr8Work(ofThisCheckout, 0)},
	oneHitMessage: {oneHitMessage, 0.7, integr8Receive(ofThisCheckout, 1), integr8Work(ofThisCheckout, 4096)},
	stockOne:      {stockOne, 0.1, stockReceive, stockWork(1)},
	stockMany:     {stockMany, 0.4, stockReceive, stockWork(64)},
	bareHandler:   {bareHandler, 1, bareReceive, nil},
	beside:        {beside, 1, integr8Receive(givenBeside, 0), integr8Work(givenBeside, 0)},
}

// environment is what all processes get: the servers, the secret, and nothing
// that the caller happens to have set for an integr8 of his own.
func (b *bench) environment(g *ground, more ...string) []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "INTEGR8_") {
			kept = append(kept, variable)
		}
	}
	return append(append(kept,
		"DATABASE_URL="+g.url, "AMQP_URL="+b.stack.amqpURL, "INTEGR8_SECRET="+b.secret), more...)
}

// Which integr8 a contender is.
func ofThisCheckout(b *bench) string { return b.program("integr8") }
func givenBeside(b *bench) string    { return b.options.Beside }

func integr8Receive(program func(*bench) string, batchHits int) func(context.Context, *bench, *ground) (*service, error) {
	return func(ctx context.Context, b *bench, g *ground) (*service, error) {
		// A spool of its own, so that nothing of an earlier trial is in it.
		spool, err := os.MkdirTemp(b.work, "spool-")
		if err != nil {
			return nil, fmt.Errorf("make a directory for the spool: %w", err)
		}
		environment := []string{"INTEGR8_SPOOL_DIR=" + spool}
		if batchHits > 0 {
			environment = append(environment, "INTEGR8_BATCH_HITS="+strconv.Itoa(batchHits))
		}
		return b.integr8(ctx, g, program(b), "receive", environment)
	}
}

// integr8Work makes the worker take that many messages ahead, where 0 stands for
// what is shipped: with one hit a message it takes more of them to keep as
// many hits under way.
func integr8Work(program func(*bench) string, prefetch int) func(context.Context, *bench, *ground) (*service, error) {
	return func(ctx context.Context, b *bench, g *ground) (*service, error) {
		var environment []string
		if prefetch > 0 {
			environment = append(environment, "INTEGR8_PREFETCH="+strconv.Itoa(prefetch))
		}
		return b.integr8(ctx, g, program(b), "work", environment)
	}
}

// integr8 starts a program as it is shipped.
func (b *bench) integr8(ctx context.Context, g *ground, program, command string, environment []string) (*service, error) {
	addr, err := ports.Address()
	if err != nil {
		return nil, err
	}
	admin, err := ports.Address()
	if err != nil {
		return nil, err
	}
	environment = append(environment, "INTEGR8_ADDR="+addr, "INTEGR8_ADMIN_ADDR="+admin)
	if b.options.Profile {
		environment = append(environment, "INTEGR8_PROFILE=true")
	}
	s, err := startService(ctx, b.work, "integr8 "+command, b.environment(g, environment...), func(*service) bool {
		return isReady(admin) && (command != "receive" || listens(addr))
	}, program, command)
	if err != nil {
		return nil, err
	}
	s.addr, s.admin = addr, admin
	return s, nil
}

func stockReceive(ctx context.Context, b *bench, g *ground) (*service, error) {
	return b.self(ctx, g, "stock-receive")
}

func stockWork(subscriptions int) func(context.Context, *bench, *ground) (*service, error) {
	return func(ctx context.Context, b *bench, g *ground) (*service, error) {
		return startService(ctx, b.work, "stock work", b.environment(g), saysReady, b.executable,
			"stock-work", "--subscriptions", strconv.Itoa(subscriptions))
	}
}

func bareReceive(ctx context.Context, b *bench, g *ground) (*service, error) {
	return b.self(ctx, g, "bare")
}

// self starts a server that this very program holds.
func (b *bench) self(ctx context.Context, g *ground, command string) (*service, error) {
	addr, err := ports.Address()
	if err != nil {
		return nil, err
	}
	s, err := startService(ctx, b.work, command, b.environment(g), func(*service) bool { return listens(addr) },
		b.executable, command, "--addr", addr)
	if err != nil {
		return nil, err
	}
	s.addr = addr
	return s, nil
}

// fleet is the processes of a contender that run.
type fleet struct {
	receiver *service
	workers  []*service
}

// start starts a contender with that many workers.
func (b *bench) start(ctx context.Context, c contender, g *ground, workers int) (*fleet, error) {
	f := &fleet{}
	// The baseline's worker makes the queue that its receiver publishes to.
	if err := b.addWorkers(ctx, f, c, g, workers); err != nil {
		return nil, errors.Join(err, f.stop())
	}
	var err error
	if f.receiver, err = c.receive(ctx, b, g); err != nil {
		return nil, errors.Join(err, f.stop())
	}
	return f, nil
}

func (b *bench) addWorkers(ctx context.Context, f *fleet, c contender, g *ground, workers int) error {
	for range workers {
		worker, err := c.work(ctx, b, g)
		if err != nil {
			return err
		}
		f.workers = append(f.workers, worker)
	}
	return nil
}

// stop ends all processes, the receiver first.
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

// usage adds up several services.
func usage(services ...*service) (cost.Usage, error) {
	var total cost.Usage
	for _, s := range services {
		if s == nil {
			continue
		}
		used, err := s.tree().Usage()
		if err != nil {
			return total, fmt.Errorf("the %s: %w; the end of its log:\n%s", s.name, err, s.lastWords())
		}
		total.CPU += used.CPU
		total.PeakBytes = max(total.PeakBytes, used.PeakBytes)
	}
	return total, nil
}
