package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/lib/pq"

	amqp "github.com/rabbitmq/amqp091-go"
)

// PurgeQueue removes all messages of a queue, named without the prefix.
func (s *System) PurgeQueue(ctx context.Context, name string) error {
	return s.onChannel(ctx, func(channel *amqp.Channel) error {
		if _, err := channel.QueuePurge(s.prefix+name, false); err != nil {
			return fmt.Errorf("purge queue %s: %w", name, err)
		}
		return nil
	})
}

// QueuePattern returns a name for a policy of the drill, and the pattern that matches the
// queues to which it applies, named without the prefix.
func (s *System) QueuePattern(first, second string) (name, pattern string) {
	return s.database, "^" + regexp.QuoteMeta(s.prefix) + "(" + first + "|" + second + ")$"
}

// ClicksAndDead counts the messages in the queue of clicks and in that of dead letters.
func (s *System) ClicksAndDead(ctx context.Context) (clicks, dead int, err error) {
	depths, err := s.depths(ctx)
	return depths[s.prefix+"clicks"], depths[s.prefix+"dead"], err
}

// KeepSpool copies the spool of a receiver. restore puts the copy in the place of the
// spool.
func (p *Process) KeepSpool() (restore func() error, err error) {
	kept := p.spool + ".kept"
	if err := errors.Join(os.RemoveAll(kept), os.CopyFS(kept, os.DirFS(p.spool))); err != nil {
		return nil, fmt.Errorf("copy the spool of %s: %w", p.Name, err)
	}
	return func() error {
		if err := errors.Join(os.RemoveAll(p.spool), os.Rename(kept, p.spool)); err != nil {
			return fmt.Errorf("put back the spool of %s: %w", p.Name, err)
		}
		return nil
	}, nil
}

// WithoutRow counts the receipts that have no row.
func (s *System) WithoutRow(ctx context.Context, receipts []string) (missing int, err error) {
	err = s.DB.QueryRowContext(ctx, `SELECT count(*) FROM unnest($1::uuid[]) AS receipt
		WHERE NOT EXISTS (SELECT FROM hits WHERE id = receipt)`, pq.Array(receipts)).Scan(&missing)
	if err != nil {
		return 0, fmt.Errorf("count the receipts without a row: %w", err)
	}
	return missing, nil
}

// Reported sums up what the receivers have reported that they promised.
func (s *System) Reported(ctx context.Context) (promised int64, err error) {
	err = s.DB.QueryRowContext(ctx, "SELECT coalesce(sum(promised_to), 0)::bigint FROM book_streams").Scan(&promised)
	if err != nil {
		return 0, fmt.Errorf("read what was promised: %w", err)
	}
	return promised, nil
}

// someClicks selects n rows of clicks.
const someClicks = "SELECT * FROM hits WHERE outcome = 'recorded' ORDER BY id LIMIT $1"

// DeleteRows deletes the rows of n clicks.
func (s *System) DeleteRows(ctx context.Context, n int64) error {
	return s.change(ctx, n, "DELETE FROM hits WHERE id IN (SELECT id FROM ("+someClicks+") AS chosen)")
}

// DoubleRows copies the rows of n clicks, under ids of the same time.
func (s *System) DoubleRows(ctx context.Context, n int64) error {
	return s.change(ctx, n, `INSERT INTO hits SELECT (jsonb_populate_record(NULL::hits, to_jsonb(chosen) ||
		jsonb_build_object('id', left(id::text, 24) || left(md5(id::text), 12)))).* FROM (`+someClicks+") AS chosen")
}

// change runs a statement that must change n rows.
func (s *System) change(ctx context.Context, n int64, statement string) error {
	changed, err := s.DB.ExecContext(ctx, statement, n)
	if err != nil {
		return fmt.Errorf("change rows by hand: %w", err)
	}
	rows, err := changed.RowsAffected()
	if err == nil && rows != n {
		err = fmt.Errorf("%d rows instead of %d were changed by hand", rows, n)
	}
	return err
}
