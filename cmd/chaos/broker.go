package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/stack"
)

// The shares of memory at which the broker raises its alarm: that of devstack, and one
// that is always exceeded.
const (
	usualMemory = "0.4"
	noMemory    = "0.0001"
)

// raiseMemoryAlarm makes the broker block its publishers for a while, repeatedly.
func raiseMemoryAlarm(ctx context.Context, r *round) error {
	for r.pause(ctx, 2*time.Second, 4*time.Second) {
		r.fault("memory alarm")
		err := limitMemory(ctx, r, noMemory)
		r.pause(ctx, 2*time.Second, 7*time.Second)
		if err := errors.Join(err, limitMemory(context.WithoutCancel(ctx), r, usualMemory)); err != nil {
			return err
		}
		r.say("memory alarm is over")
	}
	return ctx.Err()
}

// limitMemory sets the share of the machine's memory above which the broker accepts no
// messages. A share near zero raises the alarm at once.
func limitMemory(ctx context.Context, r *round, share string) error {
	_, err := r.servers.Stack.Control(ctx, stack.RabbitMQ, "set_vm_memory_high_watermark", share)
	return err
}

// fillQueues stops the workers until the queues, which are tiny, accept no more.
func fillQueues(ctx context.Context, r *round) error {
	for r.pause(ctx, 2*time.Second, 3*time.Second) {
		r.fault("no worker runs, and the queues fill")
		if err := r.each(r.system.Workers, func(p *system.Process) error { return p.Stop(ctx) }); err != nil {
			return err
		}
		r.pause(ctx, 4*time.Second, 6*time.Second)
		if err := r.each(r.system.Workers, func(p *system.Process) error { return p.Start() }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// deleteQueues deletes one queue after the other under running workers and receivers,
// and declares it again while requests arrive. The messages in a deleted queue are lost
// for good, so each queue is empty at that moment.
func deleteQueues(ctx context.Context, r *round) error {
	for _, queue := range []string{"postbacks", "clicks", "dead", "postbacks", "clicks"} {
		if !r.pause(ctx, time.Second, 2*time.Second) {
			return errors.Join(ctx.Err(), errors.New("the load was over before every queue was deleted"))
		}
		if err := r.load.Hold(ctx); err != nil {
			return err
		}
		if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
			return err
		}
		r.fault("delete queue %s", queue)
		err := r.system.DeleteQueue(ctx, queue)
		r.load.Release()
		if err != nil {
			return err
		}
		r.pause(ctx, 1500*time.Millisecond, 3*time.Second)
		if _, err := r.system.Integr8(ctx, "topology"); err != nil {
			return err
		}
	}
	return nil
}
