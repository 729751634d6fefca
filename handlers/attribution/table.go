package attribution

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
)

// table is an immutable map of bytes by bytes, made for millions of entries that are read
// all the time and changed a few at a time. Its entries lie one after the other in blocks
// of about blockSize, each a string: that takes no more memory than the entries, and the
// garbage collector need not look into it. A changed table shares all other blocks with
// the one before. The zero table is empty.
type table struct {
	pages []*page // of 1 << bits blocks; none while the table is empty
	bits  int
	size  int
}

// page holds neighbouring blocks. A change copies one page and the slice of pages: with a
// million entries each is about as long as the other.
type page [1 << pageBits]string

const (
	pageBits = 8
	// blockSize is how many entries a block holds on average at most: a look-up passes
	// half of them, each a miss of the cache.
	blockSize = 4
)

// entry is one entry of a block: key and value, each behind its length. An entry whose
// value is empty removes its key.
type entry struct{ key, value, whole string }

func appendEntry(to, key, value []byte) []byte {
	return append(appendText(to, key), appendText(nil, value)...)
}

// cutEntry returns the first entry, and what lies behind it. It returns false when the
// bytes hold no entry.
func cutEntry(entries string) (first entry, rest string, ok bool) {
	in := unpacker{rest: entries}
	first.key, first.value = in.text(), in.text()
	first.whole = entries[:len(entries)-len(in.rest)]
	return first, in.rest, !in.bad
}

// entriesOf yields the entries of a block.
func entriesOf(block string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for block != "" {
			first, rest, ok := cutEntry(block)
			if !ok || !yield(first) {
				return
			}
			block = rest
		}
	}
}

// hashOf spreads keys, which are chosen by this system, over the blocks. It is the same in
// every process, so that a file has the order of the blocks.
func hashOf(key []byte) uint64 {
	const odd = 0x9e3779b97f4a7c15
	hash := uint64(len(key))
	for len(key) >= 8 {
		hash = bits.RotateLeft64((hash^binary.LittleEndian.Uint64(key))*odd, 29)
		key = key[8:]
	}
	for _, b := range key {
		hash = hash<<8 ^ uint64(b) ^ hash>>56
	}
	hash = (hash ^ hash>>32) * odd
	return (hash ^ hash>>29) * odd
}

func (t *table) blockOf(key []byte) uint64 { return hashOf(key) >> (64 - t.bits) }

// get returns the value of a key.
func (t *table) get(key []byte) (value string, ok bool) {
	if t.size == 0 {
		return "", false
	}
	number := t.blockOf(key)
	block := t.pages[number>>pageBits][number&(1<<pageBits-1)]
	for block != "" {
		first, rest, _ := cutEntry(block)
		if first.key == string(key) {
			return first.value, true
		}
		block = rest
	}
	return "", false
}

// all yields the entries in the order of the blocks.
func (t *table) all() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, page := range t.pages {
			for _, block := range page {
				for one := range entriesOf(block) {
					if !yield(one) {
						return
					}
				}
			}
		}
	}
}

// change is an entry and the block that it belongs to.
type change struct {
	entry
	block uint64
}

// with returns the table with changed entries; of two with one key the last counts. It
// calls replaced, unless that is nil, with the value of each key before and after; empty
// for none.
func (t table) with(entries string, replaced func(before, after string)) table {
	var changes []change
	for one := range entriesOf(entries) {
		changes = append(changes, change{entry: one})
	}
	if len(changes) == 0 {
		return t
	}
	t = t.sized(t.size + len(changes))
	for i := range changes {
		changes[i].block = t.blockOf([]byte(changes[i].key))
	}
	slices.SortStableFunc(changes, func(a, b change) int { return int(a.block) - int(b.block) })
	t.pages = slices.Clone(t.pages)
	var merging merger
	for copied := -1; len(changes) > 0; {
		number := changes[0].block
		at := int(number >> pageBits)
		if at != copied {
			copied, t.pages[at] = at, new(*t.pages[at])
		}
		end := slices.IndexFunc(changes, func(c change) bool { return c.block != number })
		if end < 0 {
			end = len(changes)
		}
		block := &t.pages[at][number&(1<<pageBits-1)]
		var grown int
		*block, grown = merging.merge(*block, changes[:end], replaced)
		t.size += grown
		changes = changes[end:]
	}
	return t
}

// merger merges changes into blocks. It keeps its memory from one to the next.
type merger struct {
	merged []byte
	last   map[string]int // the last change of each key
}

// merge returns the block with the changes, and by how many entries it has grown.
func (m *merger) merge(block string, changes []change, replaced func(before, after string)) (_ string, grown int) {
	m.merged = m.merged[:0]
	if m.last == nil {
		m.last = map[string]int{}
	}
	clear(m.last)
	for i, one := range changes {
		m.last[one.key] = i
	}
	var before map[string]string
	for one := range entriesOf(block) {
		if _, changed := m.last[one.key]; changed {
			if before == nil {
				before = map[string]string{}
			}
			before[one.key] = one.value
			continue
		}
		m.merged = append(m.merged, one.whole...)
	}
	for i, one := range changes {
		if m.last[one.key] != i {
			continue
		}
		old, had := before[one.key]
		if replaced != nil {
			replaced(old, one.value)
		}
		if had {
			grown--
		}
		if one.value != "" {
			m.merged = append(m.merged, one.whole...)
			grown++
		}
	}
	return string(m.merged), grown
}

// sized returns the table with as many blocks as that many entries need.
func (t table) sized(size int) table {
	need := max(pageBits, bits.Len(uint(max(size-1, 0)/blockSize)))
	if len(t.pages) > 0 && need <= t.bits {
		return t
	}
	larger := table{pages: make([]*page, 1<<(need-pageBits)), bits: need, size: t.size}
	for i := range larger.pages {
		larger.pages[i] = new(page)
	}
	if len(t.pages) == 0 {
		return larger
	}
	split := make([][]byte, 1<<(need-t.bits)) // what becomes of one block
	number := uint64(0)
	for _, page := range t.pages {
		for _, block := range page {
			first := number << (need - t.bits)
			for i := range split {
				split[i] = split[i][:0]
			}
			for one := range entriesOf(block) {
				part := &split[larger.blockOf([]byte(one.key))-first]
				*part = append(*part, one.whole...)
			}
			for i, part := range split {
				to := first + uint64(i)
				larger.pages[to>>pageBits][to&(1<<pageBits-1)] = string(part)
			}
			number++
		}
	}
	return larger
}
