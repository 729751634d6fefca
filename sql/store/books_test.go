package store_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/retention"
	ledger "integr8/pipeline/books"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	sqlfiles "integr8/sql"
)

// numbered is a record of a hit with a number.
func (b *books) numbered(incarnation, number int64) *attribution.Record {
	r := b.clickRecord(time.Now().UTC())
	r.Hit.Incarnation, r.Hit.Number = incarnation, number
	return r
}

// stated is a statement of the clicks of a receiver.
func stated(whose ledger.Identity, after, upTo int64, withdrawn ...ledger.Span) ledger.Statement {
	return ledger.Statement{
		Identity: whose, Topic: hit.TopicClicks, After: after, UpTo: upTo, Withdrawn: withdrawn,
		SentAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

func whose(incarnation int64) ledger.Identity {
	return ledger.Identity{Incarnation: incarnation, Home: uuid.New(), BeganAt: time.Now().UTC().Truncate(time.Microsecond)}
}

// stream returns what the books hold of an incarnation's clicks.
func (b *books) stream(incarnation int64, grace time.Duration) *ledger.Stream {
	b.t.Helper()
	streams, _, err := b.Books(b.t.Context(), grace)
	require.NoError(b.t, err)
	i := slices.IndexFunc(streams, func(s *ledger.Stream) bool { return s.Incarnation == incarnation && s.Topic == hit.TopicClicks })
	require.GreaterOrEqual(b.t, i, 0, "the stream of %d", incarnation)
	return streams[i]
}

func (b *books) missing(incarnation int64) []ledger.Span {
	b.t.Helper()
	s := b.stream(incarnation, 0)
	return s.Settled.Missing(0, s.PromisedTo(), s.Withdrawn())
}

func TestAHitIsSettledByTheTransactionThatInsertsItsRow(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	first, second := b.numbered(7, 1), b.numbered(7, 2)
	require.NoError(t, b.PassStatement(t.Context(), stated(whose(7), 0, 4)))
	require.Equal(t, []ledger.Span{{First: 1, Last: 4}}, b.missing(7))
	require.NoError(t, b.Write(t.Context(), []*attribution.Record{first, second}))
	require.Equal(t, []ledger.Span{{First: 3, Last: 4}}, b.missing(7))
	b.exec("DELETE FROM book_blocks")
	again := *first // it is delivered again
	require.NoError(t, b.Write(t.Context(), []*attribution.Record{&again}))
	require.Equal(t, []ledger.Span{{First: 1, Last: 4}}, b.missing(7), "a second write settles nothing")

	failing := b.numbered(7, 3)
	failing.Request = []byte("no JSON")
	require.Error(t, b.Write(t.Context(), []*attribution.Record{failing, b.numbered(7, 4)}))
	require.Equal(t, []ledger.Span{{First: 1, Last: 4}}, b.missing(7), "what is not committed is not settled")
}

func TestWorkersDoNotWaitForOneAnothersNumbers(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	elsewhere, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	defer elsewhere.Rollback()
	settle := sqlfiles.Query("books/settle")
	bound, err := settle.Bind(values{"incarnations": "{7}", "topics": "{clicks}", "blocks": "{0}", "numbers": "{1}"})
	require.NoError(t, err)
	_, err = elsewhere.Exec(settle.Text, bound...)
	require.NoError(t, err)

	require.NoError(t, b.Write(t.Context(), []*attribution.Record{b.numbered(7, 2)}), "while the other holds the block")
	require.NoError(t, elsewhere.Commit())
	require.NoError(t, b.PassStatement(t.Context(), stated(whose(7), 0, 3)))
	require.Equal(t, []ledger.Span{{First: 3, Last: 3}}, b.missing(7))
}

func TestStatementsPassInAnyOrderAndTwice(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	receiver := whose(7)
	first, second := stated(receiver, 0, 10, ledger.Span{First: 2, Last: 3}), stated(receiver, 10, 20, ledger.Span{First: 12, Last: 12})
	second.SentAt = first.SentAt.Add(time.Second)
	for _, statement := range []ledger.Statement{second, first, second, first} {
		require.NoError(t, b.PassStatement(t.Context(), statement))
	}
	s := b.stream(7, 0)
	require.EqualValues(t, 20, s.PassedTo)
	require.True(t, s.PassedSentAt.Equal(second.SentAt))
	require.Equal(t, []ledger.Span{{First: 2, Last: 3}, {First: 12, Last: 12}}, s.Withdrawn())
	require.Equal(t, receiver.Home, s.Home)
}

func TestPromisesCountAsGoneFromTheQueueOnlyAfterAStatementWithAnEmptySpool(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	receiver := whose(7)
	spooling := stated(receiver, 0, 10)
	spooling.Spooled = 3
	require.NoError(t, b.PassStatement(t.Context(), spooling))
	require.Zero(t, b.stream(7, 0).ClearedTo, "three are in the spool")
	require.NoError(t, b.PassStatement(t.Context(), stated(receiver, 10, 10)))
	require.EqualValues(t, 10, b.stream(7, 0).ClearedTo, "said later of the same numbers")
	require.Zero(t, b.stream(7, time.Hour).ClearedTo, "but not an hour ago")

	later := whose(8)
	later.Home, later.BeganAt = receiver.Home, receiver.BeganAt.Add(time.Second)
	require.False(t, b.stream(7, 0).Overtaken)
	full := stated(later, 0, 0)
	full.Spooled = 1
	require.NoError(t, b.PassStatement(t.Context(), full))
	require.False(t, b.stream(7, 0).Overtaken, "the next run still drains what this one left")
	require.NoError(t, b.PassStatement(t.Context(), stated(later, 0, 0)))
	require.True(t, b.stream(7, 0).Overtaken)
	require.False(t, b.stream(8, 0).Overtaken)
	require.False(t, b.stream(7, time.Hour).Overtaken)
}

func TestAReceiverLearnsWhichStatementsHavePassed(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	receiver := whose(7)
	standing := ledger.Standing{Identity: receiver, Topic: hit.TopicClicks, PromisedTo: 12, Spooled: 3,
		SentAt: time.Now().UTC().Truncate(time.Microsecond), Lag: 1500 * time.Millisecond}
	report := func() time.Time {
		passed, err := b.ReportStandings(t.Context(), "host:1", []ledger.Standing{standing})
		require.NoError(t, err)
		return passed[hit.TopicClicks]
	}
	require.True(t, report().IsZero(), "none has")
	statement := stated(receiver, 0, 10)
	require.NoError(t, b.PassStatement(t.Context(), statement))
	standing.Ended = true
	require.True(t, report().Equal(statement.SentAt))
	s := b.stream(7, 0)
	require.Equal(t, "host:1", s.Receiver)
	require.EqualValues(t, 12, s.PromisedTo())
	require.EqualValues(t, 3, s.Spooled)
	require.Equal(t, standing.Lag, s.Lag)
	require.True(t, s.Ended)
}

// TestCompactBooksKeepsWhatIsMissing compacts while writers settle numbers in random
// order, some of which are never settled.
func TestCompactBooksKeepsWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const numbers = 5 * ledger.BlockSize
	lost := map[int64]bool{3: true, 2*ledger.BlockSize + 1: true, numbers: true}
	order := rand.Perm(numbers)
	require.NoError(t, b.PassStatement(t.Context(), stated(whose(7), 0, numbers)))
	settle := sqlfiles.Query("books/settle")
	var writers sync.WaitGroup
	for part := range slices.Chunk(order, numbers/4) {
		writers.Go(func() {
			for some := range slices.Chunk(part, 500) {
				var tally ledger.Tally
				for _, number := range some {
					if !lost[int64(number)+1] {
						tally.Add(7, hit.TopicClicks, int64(number)+1)
					}
				}
				if err := b.Settle(context.Background(), tally.Blocks()); err != nil {
					t.Error(settle.Name, err)
				}
			}
		})
	}
	for range 5 {
		require.NoError(t, b.CompactBooks(t.Context(), 0))
	}
	writers.Wait()
	want := []ledger.Span{{First: 3, Last: 3}, {First: 2*ledger.BlockSize + 1, Last: 2*ledger.BlockSize + 1}, {First: numbers, Last: numbers}}
	require.Equal(t, want, b.missing(7))
	require.NoError(t, b.CompactBooks(t.Context(), 0))
	require.Equal(t, want, b.missing(7))
	require.Equal(t, 2, b.count("book_blocks WHERE numbers IS NULL"), "blocks 1 and 3 are runs, as their neighbours are not complete")

	for number := range lost { // they were late
		require.NoError(t, b.Write(t.Context(), []*attribution.Record{b.numbered(7, number)}))
	}
	require.NoError(t, b.CompactBooks(t.Context(), 0))
	require.Empty(t, b.missing(7))
	require.Equal(t, 1, b.count("book_blocks"), "all five blocks are one run")
}

func TestCompactBooksWaitsForNoWorker(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var all ledger.Tally
	for number := range int64(ledger.BlockSize) {
		all.Add(7, hit.TopicClicks, number+1)
	}
	require.NoError(t, b.Settle(t.Context(), all.Blocks()))
	require.NoError(t, b.PassStatement(t.Context(), stated(whose(7), 0, ledger.BlockSize)))
	worker, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	defer worker.Rollback()
	_, err = worker.Exec("UPDATE book_blocks SET numbers = numbers")
	require.NoError(t, err)
	require.NoError(t, b.CompactBooks(t.Context(), 0))
	require.Equal(t, 2, b.count("book_blocks"), "the run, and the row that is locked")
	require.Empty(t, b.missing(7))
	require.NoError(t, worker.Commit())
	require.NoError(t, b.CompactBooks(t.Context(), 0))
	require.Equal(t, 1, b.count("book_blocks"))
}

func TestCompactBooksKeepsAStatementAnHourAndThoseThatWithdrewOrAreNotSettled(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	receiver := whose(7)
	begin := time.Now().UTC().Truncate(time.Hour)
	const block = ledger.BlockSize
	numbers := []int64{1, 2, 3, 4, 5, block, block + 1, block + 2}
	for i, upTo := range numbers { // three in each hour
		statement := stated(receiver, 0, upTo)
		if i == 1 {
			statement.Withdrawn = []ledger.Span{{First: 2, Last: 2}}
		}
		statement.SentAt = begin.Add(time.Duration(i) * 20 * time.Minute)
		require.NoError(t, b.PassStatement(t.Context(), statement))
	}
	require.NoError(t, b.CompactBooks(t.Context(), time.Hour))
	require.Len(t, b.stream(7, 0).Statements, len(numbers), "they have just passed")
	require.NoError(t, b.CompactBooks(t.Context(), 0))
	require.Len(t, b.stream(7, 0).Statements, len(numbers), "nothing is settled")
	var all ledger.Tally
	for number := range int64(block) {
		all.Add(7, hit.TopicClicks, number+1)
	}
	require.NoError(t, b.Settle(t.Context(), all.Blocks()))
	require.NoError(t, b.CompactBooks(t.Context(), 0))
	var left []int64
	for _, statement := range b.stream(7, 0).Statements {
		left = append(left, statement.UpTo)
	}
	require.Equal(t, []int64{2, 3, block, block + 1, block + 2}, left, "the second block is not complete")
	require.EqualValues(t, block+2, b.stream(7, 0).PassedTo)
}

func TestTheNumbersOfDeletedJunkAreKnown(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	junk := b.ageing(dead.Open, outcome.UnknownToken, true, 30*24*time.Hour)
	b.exec(`UPDATE hits SET request = '{"incarnation":7,"number":5}' WHERE id = $1`, junk)
	forgotten, err := b.ForgetDeadLetters(t.Context(), retention.Times{})
	require.NoError(t, err)
	require.EqualValues(t, 1, forgotten.Surplus)
	removed, err := b.RemovedNumbers(t.Context())
	require.NoError(t, err)
	require.Len(t, removed, 1)
	require.EqualValues(t, 7, removed[0].Incarnation)
	require.True(t, removed[0].Numbers.Has(4))
	require.EqualValues(t, 1, removed[0].Numbers.Count())
}

func TestCompactBooksForgetsReceiversOfLongAgoOfWhichNothingIsMissing(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for incarnation := range int64(3) { // of the second a hit is missing, the third is young
		require.NoError(t, b.PassStatement(t.Context(), stated(whose(incarnation+1), 0, 1)))
		if incarnation != 1 {
			require.NoError(t, b.Write(t.Context(), []*attribution.Record{b.numbered(incarnation+1, 1)}))
		}
	}
	b.exec("UPDATE book_streams SET passed_sent_at = passed_sent_at - interval '91 days' WHERE incarnation < 3")
	require.NoError(t, b.CompactBooks(t.Context(), time.Hour))
	streams, _, err := b.Books(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, streams, 2)
	require.Equal(t, []ledger.Span{{First: 1, Last: 1}}, b.missing(2))
	require.Empty(t, b.missing(3))
	for _, table := range []string{"book_statements", "book_blocks"} {
		require.Zero(t, b.count(table+" WHERE incarnation = 1"), table)
	}
}
