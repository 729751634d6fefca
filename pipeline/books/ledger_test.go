package books

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const topic = "clicks"

// said is what the statements of a topic said together.
type said struct {
	upTo      int64
	withdrawn []Span
}

func (s *said) add(t *testing.T, statement Statement) {
	t.Helper()
	require.NoError(t, statement.check())
	require.LessOrEqual(t, statement.After, s.upTo, "statements leave no gap")
	s.upTo = max(s.upTo, statement.UpTo)
	s.withdrawn = append(s.withdrawn, statement.Withdrawn...)
}

func (s *said) promises(number int64) bool {
	return number <= s.upTo && !slices.ContainsFunc(s.withdrawn, func(span Span) bool { return span.First <= number && number <= span.Last })
}

// TestStatementsSayOfEachNumberWhetherItIsPromised concludes numbers in any order, and
// loses some statements on the way to their queue.
func TestStatementsSayOfEachNumberWhetherItIsPromised(t *testing.T) {
	for range 200 {
		ledger, said := NewLedger(uuid.New()), said{}
		durable := map[int64]bool{}
		var open []int64
		conclude := func() {
			i := rand.IntN(len(open))
			number := open[i]
			open = slices.Delete(open, i, i+1)
			durable[number] = rand.IntN(3) > 0
			ledger.Conclude(topic, number, durable[number])
		}
		state := func(arrives bool) {
			statement := ledger.Statement(topic)
			if arrives {
				said.add(t, statement)
				ledger.Stated(statement)
			}
		}
		for range rand.IntN(200) {
			switch rand.IntN(5) {
			case 0:
				state(rand.IntN(2) == 0)
			case 1, 2:
				if len(open) > 0 {
					conclude()
				}
			default:
				open = append(open, ledger.Issue(topic))
			}
		}
		for len(open) > 0 {
			conclude()
		}
		state(true)
		require.EqualValues(t, len(durable), said.upTo, "numbers have no gaps")
		for number, promised := range durable {
			require.Equal(t, promised, said.promises(number), "number %d", number)
		}
	}
}

func TestAStatementCoversNoNumberThatIsUnderWay(t *testing.T) {
	ledger := NewLedger(uuid.New())
	first, second := ledger.Issue(topic), ledger.Issue(topic)
	ledger.Conclude(topic, second, true)
	require.Zero(t, ledger.Statement(topic).UpTo)
	require.False(t, ledger.hasNews(topic))
	ledger.Conclude(topic, first, true)
	require.Equal(t, second, ledger.Statement(topic).UpTo)
	require.True(t, ledger.hasNews(topic))
	require.Zero(t, ledger.Statement("postbacks").UpTo, "each topic has numbers of its own")
}

// TestAStatementThatIsLostInItsQueueLeavesNoWithdrawnNumberPromised: the next ones repeat
// what it said, however many of them but one are lost too.
func TestAStatementThatIsLostInItsQueueLeavesNoWithdrawnNumberPromised(t *testing.T) {
	for range 200 {
		ledger, said := NewLedger(uuid.New()), said{}
		durable := map[int64]bool{}
		lost := 0
		for range 60 {
			for range rand.IntN(4) {
				number := ledger.Issue(topic)
				durable[number] = rand.IntN(2) > 0
				ledger.Conclude(topic, number, durable[number])
			}
			statement := ledger.Statement(topic)
			ledger.Stated(statement)
			if lost < repeats && rand.IntN(3) > 0 {
				lost++
				continue
			}
			lost = 0
			said.add(t, statement)
			for number := range said.upTo {
				require.Equal(t, durable[number+1], said.promises(number+1), "number %d", number+1)
			}
		}
	}
	// A number is repeated for so long, and no longer.
	ledger := NewLedger(uuid.New())
	ledger.Conclude(topic, ledger.Issue(topic), false)
	for i := range 2 * repeats {
		statement := ledger.Statement(topic)
		require.Equal(t, i <= repeats, len(statement.Withdrawn) == 1, i)
		ledger.Stated(statement)
	}
}

func TestAStatementIsBoundedAndTheNextOneSaysTheRest(t *testing.T) {
	ledger, said := NewLedger(uuid.New()), said{}
	const numbers = 5 * maxWithdrawn
	for i := range numbers {
		ledger.Conclude(topic, ledger.Issue(topic), i%2 == 0)
	}
	statements := 0
	for ledger.hasNews(topic) {
		statement := ledger.Statement(topic)
		require.LessOrEqual(t, len(statement.Withdrawn), maxWithdrawn)
		said.add(t, statement)
		ledger.Stated(statement)
		statements++
	}
	require.Equal(t, 3, statements)
	for i := range int64(numbers) {
		require.Equal(t, i%2 == 0, said.promises(i+1))
	}
}

func TestALedgerMayBeUsedByManyAtOnce(t *testing.T) {
	ledger, said := NewLedger(uuid.New()), said{}
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 500 {
				ledger.Conclude(topic, ledger.Issue(topic), true)
			}
		})
	}
	for range 100 {
		statement := ledger.Statement(topic)
		said.add(t, statement)
		ledger.Stated(statement)
	}
	senders.Wait()
	said.add(t, ledger.Statement(topic))
	require.EqualValues(t, 4000, said.upTo)
	require.Empty(t, said.withdrawn)
}
