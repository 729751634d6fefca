package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/load"
	"integr8/cmd/internal/stack"
)

// The rates at which junk is recorded in the drill, and the size of a spool that would
// be full within a second if refused requests were spooled.
var junkSettings = []string{"INTEGR8_JUNK_RATE=20", "INTEGR8_JUNK_RATE_PER_NETWORK=5", "INTEGR8_SPOOL_MAX_BYTES=16MiB"}

const (
	// junkRecorded is how many refusals of one network a receiver records at once, and
	// junkASecond how many more per second, with these settings.
	junkRecorded = 100
	junkASecond  = 5
	// junkBytes is the largest average size of a hit of the flood.
	junkBytes = 1024
)

// floodJunk floods the receivers while the broker is there, while it is away, and when
// it is back.
func floodJunk(ctx context.Context, r *round) error {
	flood := &load.Flood{World: r.system.World, Ledger: r.ledger, Receivers: r.system.Addresses(), Large: 60, Small: 200, Seed: r.seed}
	flooding, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	began := time.Now()
	group.Go(func() error { flood.Run(flooding); return nil })
	r.fault("a flood of refusals and unknown tokens begins, the broker is there")
	r.pause(ctx, 6*time.Second, 7*time.Second)

	r.fault("the flood goes on, the broker is away")
	err := r.servers.Stack.Kill(ctx, stack.RabbitMQ)
	r.pause(ctx, 6*time.Second, 7*time.Second)
	if err == nil {
		err = r.spoolsHoldNoJunk()
	}
	err = errors.Join(err, r.servers.Start(context.WithoutCancel(ctx), stack.RabbitMQ))
	r.pause(ctx, 4*time.Second, 5*time.Second)
	stop()
	err = errors.Join(err, group.Wait())
	r.say("the flood is over after %d requests in %s", flood.Sent(), time.Since(began).Round(time.Second))
	return errors.Join(err, ctx.Err())
}

// spoolsHoldNoJunk searches the files of the spools for refusals, and for texts that
// only the bodies of the flood contain.
func (r *round) spoolsHoldNoJunk() error {
	for _, text := range []string{
		`"refusal":"placeholder_transaction_id"`, `"refusal":"unverified_transaction_id"`, `"refusal":"malformed_transaction_id"`,
		"[email sha256:", `\u0001`,
	} {
		found, err := r.system.SpoolsHold(text)
		if err != nil {
			return err
		}
		if found > 0 {
			r.restless("no junk in the spools", fmt.Sprintf("%d × %s", found, text))
		}
	}
	spooled, err := r.system.SpoolsHold(`"kind":"`)
	if err == nil && spooled == 0 {
		r.restless("hits in the spools while the broker is away", "none")
	}
	return err
}

// judgeJunk checks what the flood has left behind, and that no other sender was turned
// away.
func judgeJunk(ctx context.Context, r *round) error {
	if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
		return err
	}
	refused, first, last := 0, time.Time{}, time.Time{}
	for _, e := range r.ledger.Entries() {
		if strings.HasPrefix(e.From, load.FloodFrom) {
			if e.Answer.Status == 400 {
				refused++
			}
			if first.IsZero() {
				first = e.SentAt
			}
			last = e.SentAt
			continue
		}
		if e.Answer.Fate == ledger.Answered && e.Answer.Status == 503 {
			r.note(check.Violation{Rule: check.NotAnswered, Seq: e.Seq, Expected: "no valid sender is turned away because of junk", Found: "503"})
		}
	}
	var rows, unknown, surplus, bytes int
	err := r.system.DB.QueryRowContext(ctx, `
		SELECT count(*) FILTER (WHERE h.reason <> 'unknown_token'), count(*) FILTER (WHERE h.reason = 'unknown_token'),
			count(*) FILTER (WHERE d.surplus), coalesce(sum(length(h.request::text)), 0)
		FROM hits h JOIN dead_letters d USING (id) WHERE h.request ->> 'client_ip' LIKE $1`, load.FloodFrom+"%").
		Scan(&rows, &unknown, &surplus, &bytes)
	if err != nil {
		return fmt.Errorf("look what the flood has left: %w", err)
	}
	r.say("of %d refused requests of the flood %d are recorded; %d with unknown tokens, %d of them surplus; %d bytes a row",
		refused, rows, unknown, surplus, bytes/max(1, rows+unknown))
	most := len(r.system.Receivers) * (junkRecorded + junkASecond*(1+int(last.Sub(first).Seconds())))
	switch {
	case refused < 3*most:
		r.restless(fmt.Sprintf("a flood of more than %d refusals", 3*most), fmt.Sprint(refused))
	case rows > most:
		r.restless(fmt.Sprintf("at most %d refusals recorded", most), fmt.Sprint(rows))
	case rows == 0 || surplus == 0 || surplus == unknown:
		r.restless("some refusals, and unknown tokens of which some are surplus", fmt.Sprintf("%d, %d, %d", rows, unknown, surplus))
	case bytes > junkBytes*(rows+unknown):
		r.restless(fmt.Sprintf("at most %d bytes a hit of the flood", junkBytes), fmt.Sprint(bytes/(rows+unknown)))
	}
	return nil
}
