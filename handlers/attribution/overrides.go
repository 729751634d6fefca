package attribution

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
	"sort"
)

// Override replaces an offer's terms for one publisher; nil keeps the offer's.
type Override struct {
	Payout  *Money
	Revenue *Money
}

// Overrides are the terms of single publishers for an offer. They are immutable; the zero
// value is empty.
type Overrides struct {
	// packed holds the publishers in ascending order, and then, for each, the end of its
	// terms among those of all, which follow: so that a look-up reads one of thousands.
	packed string
}

const (
	publisherBytes = 8
	endBytes       = 4
)

// OverridesOf returns the terms by publisher id.
func OverridesOf(terms map[int64]Override) Overrides {
	if len(terms) == 0 {
		return Overrides{}
	}
	var publishers, ends, packed []byte
	for _, publisher := range slices.Sorted(maps.Keys(terms)) {
		packed = appendTerms(appendTerms(packed, terms[publisher].Payout), terms[publisher].Revenue)
		publishers = binary.BigEndian.AppendUint64(publishers, uint64(publisher))
		ends = binary.BigEndian.AppendUint32(ends, uint32(len(packed)))
	}
	index := append(binary.AppendUvarint(nil, uint64(len(terms))), publishers...)
	return Overrides{string(slices.Concat(index, ends, packed))}
}

// termsIndex is the index of packed overrides.
type termsIndex struct {
	publishers, ends, terms string
	n                       int
}

// index returns false when the bytes are no packed overrides.
func (o Overrides) index() (index termsIndex, ok bool) {
	if o.packed == "" {
		return termsIndex{}, true
	}
	in := unpacker{rest: o.packed}
	n := in.uint()
	if in.bad || n > uint64(len(in.rest))/(publisherBytes+endBytes) {
		return termsIndex{}, false
	}
	publishers, rest := in.rest[:n*publisherBytes], in.rest[n*publisherBytes:]
	return termsIndex{publishers, rest[:n*endBytes], rest[n*endBytes:], int(n)}, true
}

func (i *termsIndex) publisher(n int) int64 {
	return int64(binary.BigEndian.Uint64([]byte(i.publishers[n*publisherBytes:][:publisherBytes])))
}

func (i *termsIndex) end(n int) int {
	if n < 0 {
		return 0
	}
	return int(binary.BigEndian.Uint32([]byte(i.ends[n*endBytes:][:endBytes])))
}

// override returns false when the bytes hold no terms there.
func (i *termsIndex) override(n int) (Override, bool) {
	begin, end := i.end(n-1), i.end(n)
	if begin > end || end > len(i.terms) {
		return Override{}, false
	}
	in := unpacker{rest: i.terms[begin:end]}
	own := Override{Payout: in.terms(), Revenue: in.terms()}
	return own, !in.bad
}

// Of returns a publisher's own terms; false when it has none.
func (o Overrides) Of(publisher int64) (Override, bool) {
	if o.packed == "" {
		return Override{}, false
	}
	index, _ := o.index()
	at := sort.Search(index.n, func(n int) bool { return index.publisher(n) >= publisher })
	if at == index.n || index.publisher(at) != publisher {
		return Override{}, false
	}
	return index.override(at)
}

// All yields the terms by publisher id, in ascending order.
func (o Overrides) All() iter.Seq2[int64, Override] {
	return func(yield func(int64, Override) bool) {
		index, _ := o.index()
		for n := range index.n {
			if own, ok := index.override(n); !ok || !yield(index.publisher(n), own) {
				return
			}
		}
	}
}

// Len returns how many publishers have terms of their own.
func (o Overrides) Len() int {
	index, _ := o.index()
	return index.n
}

// Equal reports whether both hold the same terms, whatever the places of the amounts.
func (o Overrides) Equal(other Overrides) bool {
	if o.Len() != other.Len() {
		return false
	}
	for publisher, own := range o.All() {
		others, ok := other.Of(publisher)
		if !ok || !own.Payout.equal(others.Payout) || !own.Revenue.equal(others.Revenue) {
			return false
		}
	}
	return true
}

// equal compares terms that may be nil.
func (m *Money) equal(other *Money) bool {
	if m == nil || other == nil {
		return m == other
	}
	return m.Percent == other.Percent && m.Amount.Equal(other.Amount)
}

// valid reports whether the bytes are packed overrides.
func (o Overrides) valid() bool {
	index, ok := o.index()
	read := 0
	for range o.All() {
		read++
	}
	return ok && read == index.n
}

// The marks of terms.
const (
	noTerms byte = iota
	fixedTerms
	percentTerms
)

func appendTerms(to []byte, money *Money) []byte {
	switch {
	case money == nil:
		return append(to, noTerms)
	case money.Percent:
		to = append(to, percentTerms)
	default:
		to = append(to, fixedTerms)
	}
	return appendAmount(to, money.Amount)
}

func (u *unpacker) terms() *Money {
	switch mark := u.byte(); mark {
	case noTerms:
	case fixedTerms, percentTerms:
		return &Money{Amount: u.amount(), Percent: mark == percentTerms}
	default:
		u.fail()
	}
	return nil
}
