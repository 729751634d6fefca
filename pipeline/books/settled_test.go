package books

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// randomSettled returns settled numbers of some blocks, and whether a number is among
// them.
func randomSettled(blocks int64) (settled Settled, has func(number int64) bool) {
	in := map[int64]bool{}
	for block := range blocks {
		switch rand.IntN(4) {
		case 0: // nothing is settled
		case 1:
			settled.AddRun(Run{block, 1})
			for number := block*BlockSize + 1; number <= (block+1)*BlockSize; number++ {
				in[number] = true
			}
		default:
			numbers, gaps := new(Bits), rand.IntN(3)
			for place := range BlockSize {
				if gaps == 0 || rand.IntN(gaps*gaps*gaps*100) > 0 {
					numbers.Add(place)
					in[block*BlockSize+int64(place)+1] = true
				}
			}
			settled.AddOpen(block, numbers)
		}
	}
	return settled, func(number int64) bool { return in[number] }
}

func TestMissingAreThePromisedNumbersThatAreNotSettled(t *testing.T) {
	for range 20 {
		const blocks = 3
		settled, has := randomSettled(blocks)
		after := rand.Int64N(blocks * BlockSize)
		upTo := after + rand.Int64N(blocks*BlockSize-after+1)
		var withdrawn []Span
		for range rand.IntN(5) {
			first := 1 + rand.Int64N(blocks*BlockSize)
			withdrawn = append(withdrawn, Span{first, first + rand.Int64N(2*BlockSize)})
		}
		found := map[int64]bool{}
		last := int64(0)
		for _, span := range settled.Missing(after, upTo, withdrawn) {
			require.Greater(t, span.First, last, "spans are in order")
			for last = span.First; last < span.Last; last++ {
				found[last] = true
			}
			found[last] = true
		}
		for number := int64(1); number <= blocks*BlockSize; number++ {
			want := after < number && number <= upTo && !has(number)
			for _, span := range withdrawn {
				want = want && (number < span.First || number > span.Last)
			}
			if found[number] != want { // testify is slow for so many
				t.Fatalf("number %d: want %t", number, want)
			}
		}
	}
}

func TestABlockIsCompleteWhenAllOfItIsStatedAndSettledOrWithdrawn(t *testing.T) {
	all := func(but ...int) *Bits {
		numbers := new(Bits)
		for place := range BlockSize {
			numbers.Add(place)
		}
		for _, place := range but {
			numbers[place/8] &^= 0x80 >> (place % 8)
		}
		return numbers
	}
	s := Stream{
		PassedTo: 4*BlockSize - 1, ReportedTo: 9 * BlockSize,
		Statements: []Passed{{UpTo: 2 * BlockSize, Withdrawn: []Span{{BlockSize + 8, BlockSize + 8}}}},
	}
	s.Settled.AddRun(Run{0, 1})
	s.Settled.AddOpen(1, all(7))
	s.Settled.AddOpen(2, all(7))
	s.Settled.AddOpen(3, all())
	require.Equal(t, []Run{{0, 2}}, s.Complete(), "of block 2 a number is missing, of block 3 the last is not stated")
	s.PassedTo++
	require.Equal(t, []Run{{0, 2}, {3, 1}}, s.Complete())
}

func TestATallyCollectsTheNumbersOfBlocks(t *testing.T) {
	var tally Tally
	tally.Add(0, topic, 1) // of a version that did not number
	tally.Add(1, topic, 0)
	for _, number := range []int64{BlockSize, BlockSize + 1, 1, 1} {
		tally.Add(2, topic, number)
	}
	tally.Add(1, topic, 5)
	tally.Add(2, "a", 5)
	blocks := tally.Blocks()
	require.Len(t, blocks, 4)
	places := []int{4, 4, 0, 0}
	for i, block := range blocks {
		require.True(t, block.Numbers.Has(places[i]))
	}
	require.EqualValues(t, 2, blocks[2].Numbers.Count(), "%v", blocks)
	require.Equal(t, []int64{1, 2, 2, 2}, []int64{blocks[0].Incarnation, blocks[1].Incarnation, blocks[2].Incarnation, blocks[3].Incarnation})
}

func TestNumbersBeyondOneAreCounted(t *testing.T) {
	var settled Settled
	settled.AddRun(Run{0, 1})
	open, later := new(Bits), new(Bits)
	open.Add(3) // number BlockSize+4
	open.Add(7)
	later.Add(0)
	settled.AddOpen(1, open)
	settled.AddOpen(2, later)
	for _, row := range []struct{ above, hits, largest int64 }{
		{0, 3, 2*BlockSize + 1}, {BlockSize + 3, 3, 2*BlockSize + 1}, {BlockSize + 4, 2, 2*BlockSize + 1},
		{BlockSize + 8, 1, 2*BlockSize + 1}, {2*BlockSize + 1, 0, 2*BlockSize + 1}, {3 * BlockSize, 0, 3 * BlockSize},
	} {
		hits, largest := settled.Beyond(row.above)
		require.Equal(t, []int64{row.hits, row.largest}, []int64{hits, largest}, "above %d", row.above)
	}
}

func TestAStreamSaysWhenNumbersWerePromised(t *testing.T) {
	at := func(second int) time.Time { return time.Date(2026, 1, 2, 3, 4, second, 0, time.UTC) }
	s := Stream{Identity: Identity{Home: uuid.New()}, Statements: []Passed{{UpTo: 10, SentAt: at(1)}, {UpTo: 10, SentAt: at(2)}, {UpTo: 20, SentAt: at(3)}}}
	from, until := s.PromisedWithin(Span{11, 12})
	require.Equal(t, []time.Time{at(2), at(3)}, []time.Time{from, until})
	from, until = s.PromisedWithin(Span{5, 12})
	require.True(t, from.IsZero())
	require.Equal(t, at(3), until)
	from, until = s.PromisedWithin(Span{21, 22})
	require.Equal(t, at(3), from)
	require.True(t, until.IsZero())
	require.EqualValues(t, 10, s.StatedBy(at(2)))
	require.Zero(t, s.StatedBy(at(0)))
}
