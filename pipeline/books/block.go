package books

import (
	"cmp"
	"math/bits"
	"slices"
)

// BlockSize is how many numbers a block holds. Blocks are numbered from 0, and block b
// holds the numbers from b*BlockSize+1.
const BlockSize = 4096

// Bits is a set of numbers within a block: the first number is the highest bit of the
// first byte, as in a bit string of Postgres.
type Bits [BlockSize / 8]byte

// Block is the settled numbers of one block of an incarnation and topic.
type Block struct {
	Incarnation int64
	Topic       string
	Block       int64
	Numbers     *Bits
}

// BlockOf returns the block of a number, and the number's place in it.
func BlockOf(number int64) (block int64, place int) {
	return (number - 1) / BlockSize, int((number - 1) % BlockSize)
}

// Add adds a place to the set.
func (b *Bits) Add(place int) { b[place/8] |= 0x80 >> (place % 8) }

// Has reports whether a place is in the set.
func (b *Bits) Has(place int) bool { return b[place/8]&(0x80>>(place%8)) != 0 }

// Count counts the numbers of the set.
func (b *Bits) Count() (n int64) {
	for _, one := range b {
		n += int64(bits.OnesCount8(one))
	}
	return n
}

// Tally collects settled numbers into blocks.
type Tally struct {
	blocks []Block
}

// Add adds the number of a hit. A hit without a number, of a version that did not
// number, adds nothing.
func (t *Tally) Add(incarnation int64, topic string, number int64) {
	if incarnation <= 0 || number <= 0 {
		return
	}
	block, place := BlockOf(number)
	for i := range t.blocks { // a transaction has few
		if b := &t.blocks[i]; b.Block == block && b.Incarnation == incarnation && b.Topic == topic {
			b.Numbers.Add(place)
			return
		}
	}
	added := Block{Incarnation: incarnation, Topic: topic, Block: block, Numbers: new(Bits)}
	added.Numbers.Add(place)
	t.blocks = append(t.blocks, added)
}

// Blocks returns the blocks, in one order for every transaction.
func (t *Tally) Blocks() []Block {
	slices.SortFunc(t.blocks, func(a, b Block) int {
		return cmp.Or(cmp.Compare(a.Incarnation, b.Incarnation), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Block, b.Block))
	})
	return t.blocks
}
