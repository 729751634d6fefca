package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/pipeline/books"
	"integr8/sql/store/pg"
)

// streamKey identifies a stream.
type streamKey struct {
	Incarnation int64
	Topic       string
}

// Books returns all streams, oldest first, as they were at one moment, which is at. A
// statement counts as passed long ago when it passed grace ago.
func (s *Store) Books(ctx context.Context, grace time.Duration) (streams []*books.Stream, at time.Time, err error) {
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the books: %w", pg.Ended(err))
	}
	defer tx.Rollback() // it has only read
	streams, at, err = readBooks(ctx, tx, grace)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the books: %w", pg.Ended(err))
	}
	return streams, at, nil
}

func readBooks(ctx context.Context, tx *sqlx.Tx, grace time.Duration) (streams []*books.Stream, at time.Time, err error) {
	if err := selectRow(ctx, tx, &at, "server/clock", nil); err != nil {
		return nil, at, err
	}
	byKey := map[streamKey]*books.Stream{}
	if err := eachRow(ctx, tx, "books/streams", args{"grace_seconds": grace.Seconds()}, func(row *streamRow) error {
		stream := row.stream()
		byKey[streamKey{row.Incarnation, row.Topic}] = stream
		streams = append(streams, stream)
		return nil
	}); err != nil {
		return nil, at, err
	}
	if err := eachRow(ctx, tx, "books/statements", nil, func(row *passedRow) error {
		if stream := byKey[row.streamKey]; stream != nil {
			stream.Statements = append(stream.Statements, row.passed())
		}
		return nil
	}); err != nil {
		return nil, at, err
	}
	return streams, at, eachRow(ctx, tx, "books/blocks", nil, func(row *blockRow) error {
		stream := byKey[row.streamKey]
		if stream == nil { // of a receiver of which nothing else has arrived yet
			return nil
		}
		if row.Numbers == nil {
			stream.Settled.AddRun(books.Run{Block: row.Block, Blocks: row.Blocks})
			return nil
		}
		numbers, err := bitsOf(row.Numbers)
		stream.Settled.AddOpen(row.Block, numbers)
		return err
	})
}

// eachRow calls use with each row of a statement, one after the other.
func eachRow[R any](ctx context.Context, tx *sqlx.Tx, name string, values args, use func(*R) error) (err error) {
	rows, err := queryRows(ctx, tx, name, values)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row R
		if err := rows.StructScan(&row); err != nil {
			return err
		}
		if err := use(&row); err != nil {
			return err
		}
	}
	return rows.Err()
}

type streamRow struct {
	Incarnation  int64
	Topic        string
	Home         uuid.UUID
	BeganAt      time.Time `db:"began_at"`
	Receiver     string
	PromisedTo   int64 `db:"promised_to"`
	Withdrawn    pq.Int64Array
	Spooled      int64
	SentAt       sql.NullTime `db:"sent_at"`
	LagMS        int64        `db:"lag_ms"`
	ReportedAt   sql.NullTime `db:"reported_at"`
	Ended        bool
	PassedTo     int64        `db:"passed_to"`
	PassedSentAt sql.NullTime `db:"passed_sent_at"`
	ClearedTo    int64        `db:"cleared_to"`
	Overtaken    bool
}

func (r *streamRow) stream() *books.Stream {
	return &books.Stream{
		Identity: books.Identity{Incarnation: r.Incarnation, BeganAt: r.BeganAt, Home: r.Home},
		Topic:    r.Topic, Receiver: r.Receiver,
		ReportedTo: r.PromisedTo, Unstated: spansOf(r.Withdrawn), Spooled: r.Spooled, Lag: time.Duration(r.LagMS) * time.Millisecond,
		SentAt: r.SentAt.Time, ReportedAt: r.ReportedAt.Time, Ended: r.Ended,
		PassedTo: r.PassedTo, PassedSentAt: r.PassedSentAt.Time, ClearedTo: r.ClearedTo, Overtaken: r.Overtaken,
	}
}

type passedRow struct {
	streamKey
	UpTo      int64 `db:"up_to"`
	Withdrawn pq.Int64Array
	SentAt    time.Time `db:"sent_at"`
}

func (r *passedRow) passed() books.Passed {
	return books.Passed{UpTo: r.UpTo, SentAt: r.SentAt, Withdrawn: spansOf(r.Withdrawn)}
}

// spansOf reads spans from their first and last numbers.
func spansOf(ends []int64) (spans []books.Span) {
	for i := 0; i+1 < len(ends); i += 2 {
		spans = append(spans, books.Span{First: ends[i], Last: ends[i+1]})
	}
	return spans
}

// endsOf returns the first and the last number of each span.
func endsOf(spans []books.Span) []int64 {
	ends := make([]int64, 0, 2*len(spans))
	for _, span := range spans {
		ends = append(ends, span.First, span.Last)
	}
	return ends
}

type blockRow struct {
	streamKey
	Block   int64
	Blocks  int64
	Numbers []byte
}

// bitsOf reads the text of a bit string.
func bitsOf(text []byte) (*books.Bits, error) {
	if len(text) != books.BlockSize {
		return nil, fmt.Errorf("a block has %d numbers and not %d", len(text), books.BlockSize)
	}
	numbers := new(books.Bits)
	for place, digit := range text {
		if digit == '1' {
			numbers.Add(place)
		}
	}
	return numbers, nil
}

// CountWaiting counts the postbacks that wait for their click.
func (s *Store) CountWaiting(ctx context.Context) (waiting int64, err error) {
	if err := selectRow(ctx, s.db, &waiting, "waiting/count", nil); err != nil {
		return 0, fmt.Errorf("count the postbacks that wait: %w", pg.Ended(err))
	}
	return waiting, nil
}

// streamsKept is how long the books of a receiver are kept that was not heard of and of
// which nothing is missing: longer than a hit may wait in a spool or a queue.
const streamsKept = 90 * oneDay

// CompactBooks replaces the settled numbers of blocks that are complete by runs, and
// deletes statements that passed kept ago and that later ones repeat, and receivers of
// long ago. Several processes may call it at once. No worker waits for it.
func (s *Store) CompactBooks(ctx context.Context, kept time.Duration) error {
	streams, now, err := s.Books(ctx, 0)
	if err != nil {
		return err
	}
	for _, stream := range streams {
		if now.Sub(stream.LastHeard()) > streamsKept && len(stream.Settled.Missing(0, stream.PromisedTo(), stream.Withdrawn())) == 0 {
			if _, err := execute(ctx, s.db, "books/forget", args{"incarnation": stream.Incarnation, "topic": stream.Topic}); err != nil {
				return fmt.Errorf("compact the books: %w", pg.Ended(err))
			}
			continue
		}
		for _, run := range stream.Complete() {
			if err := s.putRun(ctx, stream, run); err != nil {
				return fmt.Errorf("compact the books: %w", pg.Ended(err))
			}
		}
	}
	if _, err := execute(ctx, s.db, "books/thin", args{"kept_seconds": kept.Seconds()}); err != nil {
		return fmt.Errorf("compact the books: %w", pg.Ended(err))
	}
	return nil
}

// putRun writes a run in place of the rows of its blocks. Rows that another transaction
// has locked stay, and are replaced the next time: they say what the run says.
func (s *Store) putRun(ctx context.Context, stream *books.Stream, run books.Run) error {
	if !hasOpen(stream, run) {
		return nil
	}
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	if _, err := execute(ctx, tx, "books/take_blocks", args{"incarnation": stream.Incarnation, "topic": stream.Topic,
		"from_block": run.Block, "to_block": run.End() - 1}); err != nil {
		return err
	}
	if _, err := execute(ctx, tx, "books/put_run", args{"incarnation": stream.Incarnation, "topic": stream.Topic,
		"block": run.Block, "blocks": run.Blocks}); err != nil {
		return err
	}
	return tx.Commit()
}

// hasOpen reports whether the run is to replace rows of settled numbers.
func hasOpen(stream *books.Stream, run books.Run) bool {
	for block := range stream.Settled.Open {
		if run.Block <= block && block < run.End() {
			return true
		}
	}
	return false
}
