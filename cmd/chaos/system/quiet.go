package system

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/cmd/internal/poll"

	"github.com/lib/pq"
)

const (
	// rest is how long nothing may change before the system counts as quiet.
	rest = 2 * time.Second
	// longRest is the same while receipts have no row. After that time a hit counts as
	// lost.
	longRest = 40 * time.Second
	// quietLimit bounds the whole wait. It is far longer than the backlog of a drill
	// takes, and than every retry delay that a drill allows.
	quietLimit = 5 * time.Minute
)

// state is what must not change any more.
type state struct {
	waiting   int // messages in the queues, and hits in the spools
	rows      int64
	decisions int64
	missing   int // receipts without a row
}

// Quiet waits until the system is quiet: the queues, the retry queues and the dead
// queue are empty, every receipt has a row, and nothing changes any more. It asks the
// broker and the database, not the processes.
func (s *System) Quiet(ctx context.Context, receipts []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, quietLimit, fmt.Errorf("not within %s", quietLimit))
	defer cancel()
	var last state
	var lastErr error
	changed := time.Now()
	err := poll.Until(ctx, 250*time.Millisecond, func() (bool, error) {
		now, err := s.state(ctx, receipts)
		if err != nil || now != last || now.waiting > 0 {
			changed = time.Now()
		}
		last, lastErr = now, err
		still := time.Since(changed)
		return err == nil && (still >= rest && now.missing == 0 || still >= longRest), nil
	})
	if err != nil {
		return errors.Join(fmt.Errorf("the system does not come to rest: %w; messages in queues and spools: %d, receipts without a row: %d",
			err, last.waiting, last.missing), lastErr)
	}
	return nil
}

func (s *System) state(ctx context.Context, receipts []string) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var now state
	depths, err := s.depths(ctx)
	if err != nil {
		return now, err
	}
	for _, messages := range depths {
		now.waiting += messages
	}
	spooled, err := s.Spooled(ctx)
	if err != nil {
		return now, err
	}
	now.waiting += spooled
	err = s.DB.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM hits), (SELECT coalesce(sum(decisions), 0) FROM hits),
		(SELECT count(*) FROM unnest($1::uuid[]) AS receipt WHERE NOT EXISTS (SELECT FROM hits WHERE id = receipt))`,
		pq.Array(receipts)).Scan(&now.rows, &now.decisions, &now.missing)
	return now, err
}

// Leftovers returns the queues and spools that are not empty. When every process is
// stopped, that includes what the processes held.
func (s *System) Leftovers(ctx context.Context) ([]string, error) {
	depths, err := s.depths(ctx)
	if err != nil {
		return nil, err
	}
	left, err := s.spoolFiles()
	if err != nil {
		return nil, err
	}
	for _, name := range s.queueNames {
		if depths[name] > 0 {
			left = append(left, fmt.Sprintf("%s: messages: %d", strings.TrimPrefix(name, s.prefix), depths[name]))
		}
	}
	return left, nil
}
