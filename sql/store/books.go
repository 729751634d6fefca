package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/pipeline/books"
	"integr8/pipeline/hit"
	"integr8/sql/store/pg"
)

var (
	settleNumbers = batchOf("books/settle", blockColumns)
	removedBlocks = batchOf("books/remove", blockColumns)
)

var blockColumns = map[string]pg.Column[books.Block]{
	"incarnations": pg.Bigints(func(b books.Block) int64 { return b.Incarnation }),
	"topics":       pg.Texts(func(b books.Block) string { return b.Topic }),
	"blocks":       pg.Bigints(func(b books.Block) int64 { return b.Block }),
	"numbers":      pg.Bits(func(b books.Block) []byte { return b.Numbers[:] }),
}

// numberRow is the number of a hit.
type numberRow struct {
	Kind        hit.Kind
	Incarnation int64
	Number      int64
}

// removeNumbers records that the rows of hits are deleted, though their numbers stay
// settled.
func removeNumbers(ctx context.Context, tx *sqlx.Tx, rows []numberRow) error {
	var tally books.Tally
	for _, row := range rows {
		tally.Add(row.Incarnation, row.Kind.Topic(), row.Number)
	}
	w := &writer{ctx: ctx, tx: tx}
	write(w, removedBlocks, tally.Blocks())
	return w.err
}

// settledBy returns the numbers of hits, by block.
func settledBy(records []*attribution.Record) []books.Block {
	var tally books.Tally
	for _, r := range records {
		tally.Add(r.Hit.Incarnation, r.Hit.Kind.Topic(), r.Hit.Number)
	}
	return tally.Blocks()
}

// PassStatement records a statement that has passed its queue. It may be called again
// with the same statement, and with statements in any order.
func (s *Store) PassStatement(ctx context.Context, statement books.Statement) error {
	_, err := execute(ctx, s.deciding, "books/pass", args{
		"incarnation": statement.Incarnation, "topic": statement.Topic, "home": statement.Home, "began_at": statement.BeganAt,
		"up_to": statement.UpTo, "withdrawn": pg.Numbers(endsOf(statement.Withdrawn)), "sent_at": statement.SentAt,
		"passed_to": statement.UpTo, "passed_sent_at": statement.SentAt, "cleared": statement.Spooled == 0,
	})
	if err != nil {
		return fmt.Errorf("record a statement of a receiver: %w", pg.Ended(err))
	}
	return nil
}

var reportStandings = batchOf("books/report", map[string]pg.Column[books.Standing]{
	"incarnations": pg.Bigints(func(s books.Standing) int64 { return s.Incarnation }),
	"topics":       pg.Texts(func(s books.Standing) string { return s.Topic }),
	"homes":        pg.UUIDs(func(s books.Standing) uuid.UUID { return s.Home }),
	"began_at":     pg.Times(func(s books.Standing) time.Time { return s.BeganAt }),
	"promised_to":  pg.Bigints(func(s books.Standing) int64 { return s.PromisedTo }),
	"withdrawn":    pg.Texts(func(s books.Standing) string { return arrayText(endsOf(s.Withdrawn)) }),
	"spooled":      pg.Bigints(func(s books.Standing) int64 { return s.Spooled }),
	"sent_at":      pg.TimesOrNull(func(s books.Standing) time.Time { return s.SentAt }),
	"lag_ms":       pg.Bigints(func(s books.Standing) int64 { return s.Lag.Milliseconds() }),
	"ended":        pg.Booleans(func(s books.Standing) bool { return s.Ended }),
}, "receiver")

// arrayText returns the literal of a bigint[], for an array of arrays, which unnest would
// flatten.
func arrayText(numbers []int64) string {
	text := []byte("{")
	for i, number := range numbers {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, number, 10)
	}
	return string(append(text, '}'))
}

// ReportStandings records what a receiver, named for people, knows of its topics. It
// returns, by topic, when the newest statement was sent that has passed the queue.
func (s *Store) ReportStandings(ctx context.Context, receiver string, standings []books.Standing) (map[string]time.Time, error) {
	var rows []struct {
		Topic        string
		PassedSentAt sql.NullTime `db:"passed_sent_at"`
	}
	values := reportStandings.bind(standings, args{"receiver": receiver})
	if err := s.db.SelectContext(ctx, &rows, reportStandings.statement.Text, values...); err != nil {
		return nil, fmt.Errorf("record what this receiver promised: %w", pg.Ended(err))
	}
	passed := map[string]time.Time{}
	for _, row := range rows {
		passed[row.Topic] = row.PassedSentAt.Time
	}
	return passed, nil
}
