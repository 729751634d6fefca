package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/stack"
)

const (
	// lostClicks is how many clicks a drill sends to lose them, and lostRows how many
	// rows.
	lostClicks = 20
	lostRows   = 3
)

// takeFromQueue removes all messages of a queue, as a person may on the management page.
func takeFromQueue(ctx context.Context, r *round) (loss, error) {
	return r.withoutWorkers(ctx, func() ([]string, error) {
		receipts, err := r.clicks(ctx, lostClicks)
		if err == nil {
			r.fault("purge the queue of clicks")
			err = r.system.PurgeQueue(ctx, "clicks")
		}
		return receipts, err
	})
}

// expireByPolicy and dropByPolicy set policies that remove messages. What expires or is
// dropped goes to the dead letter queue, so they are set there too.
func expireByPolicy(ctx context.Context, r *round) (loss, error) {
	return r.underPolicy(ctx, `{"message-ttl":0}`)
}

func dropByPolicy(ctx context.Context, r *round) (loss, error) {
	return r.underPolicy(ctx, `{"max-length":1,"overflow":"drop-head"}`)
}

// underPolicy sends clicks while a policy applies and no worker runs, and removes the
// policy when the queues have shrunk.
func (r *round) underPolicy(ctx context.Context, definition string) (loss, error) {
	return r.withoutWorkers(ctx, func() (receipts []string, err error) {
		r.fault("policy %s", definition)
		name, pattern := r.system.QueuePattern("clicks", "dead")
		if _, err := r.servers.Stack.Control(ctx, stack.RabbitMQ, "set_policy", "--apply-to", "queues", name, pattern, definition); err != nil {
			return nil, err
		}
		receipts, err = r.clicks(ctx, lostClicks)
		if err == nil {
			err = r.shrunk(ctx)
		}
		_, clearing := r.servers.Stack.Control(context.WithoutCancel(ctx), stack.RabbitMQ, "clear_policy", name)
		return receipts, errors.Join(err, clearing)
	})
}

// shrunk waits until the queues of clicks and of dead letters stay small. They are never
// empty for long: each receiver sends a statement a second.
func (r *round) shrunk(ctx context.Context) error {
	const looks = 12 // a message that expires is in neither queue for a moment
	seen := 0
	ctx, cancel := context.WithTimeoutCause(ctx, auditLimit, fmt.Errorf("the queues do not shrink within %s", auditLimit))
	defer cancel()
	return poll.Until(ctx, 250*time.Millisecond, func() (bool, error) {
		clicks, dead, err := r.system.ClicksAndDead(ctx)
		if seen++; err != nil || clicks+dead > lostClicks/2 {
			seen = 0
		}
		return seen == looks, nil
	})
}

// rollSpoolBack replaces the spool of a receiver by a copy from before its last clicks.
func rollSpoolBack(ctx context.Context, r *round) (loss, error) {
	receiver := r.system.Receivers[0]
	r.fault("the broker is away, and the spool of %s is rolled back", receiver.Name)
	if err := r.servers.Stack.Kill(ctx, stack.RabbitMQ); err != nil {
		return loss{}, err
	}
	receipts, err := r.spoolTwice(ctx, receiver)
	err = errors.Join(err, r.servers.Start(context.WithoutCancel(ctx), stack.RabbitMQ))
	if err == nil {
		err = receiver.Revive(ctx)
	}
	return loss{receipts: receipts}, err
}

// spoolTwice has a receiver spool clicks, copies its spool, has it spool more, and puts
// the copy back. It waits in between until the receiver has reported what it promised.
func (r *round) spoolTwice(ctx context.Context, receiver *system.Process) (receipts []string, err error) {
	var restore func() error
	for range 2 {
		before, err := r.system.Reported(ctx)
		if err != nil {
			return nil, err
		}
		if restore, err = receiver.KeepSpool(); err != nil {
			return nil, err
		}
		more, err := r.clicks(ctx, lostClicks)
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, more...)
		err = poll.Until(ctx, 100*time.Millisecond, func() (bool, error) {
			reported, err := r.system.Reported(ctx)
			return reported >= before+lostClicks, err
		})
		if err != nil {
			return nil, fmt.Errorf("wait for the report of %s: %w", receiver.Name, err)
		}
	}
	if err := receiver.Kill(ctx); err != nil {
		return nil, err
	}
	return receipts, restore()
}

// deleteRows deletes the rows of some clicks.
func deleteRows(ctx context.Context, r *round) (loss, error) {
	r.fault("delete %d rows", lostRows)
	return loss{deleted: lostRows}, r.system.DeleteRows(ctx, lostRows)
}

// doubleRows copies the rows of some clicks.
func doubleRows(ctx context.Context, r *round) (loss, error) {
	r.fault("copy %d rows", lostRows)
	return loss{doubled: lostRows}, r.system.DoubleRows(ctx, lostRows)
}

// withoutWorkers does work while no worker runs.
func (r *round) withoutWorkers(ctx context.Context, work func() (receipts []string, err error)) (loss, error) {
	if err := r.each(r.system.Workers, func(p *system.Process) error { return p.Stop(ctx) }); err != nil {
		return loss{}, err
	}
	receipts, err := work()
	err = errors.Join(err, r.each(r.system.Workers, func(p *system.Process) error { return p.Revive(ctx) }))
	return loss{receipts: receipts}, err
}

// clicks sends clicks to the first receiver, and returns their receipts.
func (r *round) clicks(ctx context.Context, n int) (receipts []string, err error) {
	client := &http.Client{
		Timeout: 10 * time.Second, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	offer, publisher := r.system.World.Visit()
	url := fmt.Sprintf("http://%s/click?offer=%d&publisher=%d", r.system.Receivers[0].Addr, offer, publisher)
	for range n {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, fmt.Errorf("make a click: %w", err)
		}
		answer, err := client.Do(request)
		if err != nil {
			return nil, fmt.Errorf("send a click: %w", err)
		}
		_, _ = io.Copy(io.Discard, answer.Body) // so that the connection can be used again
		_ = answer.Body.Close()
		receipt := answer.Header.Get("X-Receipt")
		if answer.StatusCode != http.StatusFound || receipt == "" {
			return nil, fmt.Errorf("a click was answered %s", answer.Status)
		}
		receipts = append(receipts, receipt)
	}
	return receipts, nil
}
