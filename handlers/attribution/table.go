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
	held  int // bytes of all entries
}

// page holds neighbouring blocks. A change copies one page and the slice of pages: with a
// million entries each is about as long as the other.
type page [1 << pageBits]string

const (
	pageBits  = 8
	pageBytes = 16 << pageBits // beside the entries: a string is 16 bytes
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
	value = valueIn(t.pages[number>>pageBits][number&(1<<pageBits-1)], key)
	return value, value != ""
}

// bytes returns about how much memory the table takes.
func (t *table) bytes() int {
	return t.held + len(t.pages)*pageBytes
}

// blocks yields the blocks, in order.
func (t *table) blocks() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, page := range t.pages {
			for _, block := range page {
				if !yield(block) {
					return
				}
			}
		}
	}
}

// all yields the entries in the order of the blocks.
func (t *table) all() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for block := range t.blocks() {
			for one := range entriesOf(block) {
				if !yield(one) {
					return
				}
			}
		}
	}
}

// with returns the table with changed entries; of two with one key the last counts. It
// calls replaced, unless that is nil, with the value of each key before and after; empty
// for none.
func (t table) with(entries string, replaced func(before, after string)) table {
	const shortest = 40 // that of a token is about as long, most are longer
	changes := slices.AppendSeq(make([]entry, 0, len(entries)/shortest+1), entriesOf(entries))
	if len(changes) == 0 {
		return t
	}
	t = t.sized(t.size + len(changes))
	t.pages = slices.Clone(t.pages)
	order, sorted := t.byBlock(changes)
	var merging merger
	at := 0 // in entries, when they are sorted
	for copied := -1; len(order) > 0; {
		number := order[0] >> 32
		page := int(number >> pageBits)
		if page != copied {
			copied, t.pages[page] = page, new(*t.pages[page])
		}
		merging.changes = merging.changes[:0]
		for len(order) > 0 && order[0]>>32 == number {
			merging.changes = append(merging.changes, changes[uint32(order[0])])
			order = order[1:]
		}
		block := &t.pages[page][number&(1<<pageBits-1)]
		end := at
		for _, one := range merging.changes {
			end += len(one.whole)
		}
		t.size += merging.merge(*block, replaced)
		t.held += len(merging.merged) - len(*block)
		if part := entries[at:end]; sorted && *block == "" && string(merging.merged) == part {
			*block = part // as when a table is read in its own order: many blocks, and one allocation
		} else {
			*block = string(merging.merged)
		}
		at = end
	}
	return t
}

// byBlock returns the numbers of the entries in the order of their blocks, each below the
// number of its block, and whether the entries have that order.
func (t *table) byBlock(entries []entry) (order []uint64, sorted bool) {
	order = make([]uint64, len(entries))
	for i := range entries {
		order[i] = t.blockOf([]byte(entries[i].key))<<32 | uint64(i)
	}
	sorted = slices.IsSorted(order)
	if !sorted {
		slices.Sort(order)
	}
	return order, sorted
}

// merger merges the changes of one block. It keeps its memory for the next.
type merger struct {
	changes []entry
	merged  []byte
}

// merge sets merged to the block with the changes, and returns by how many entries it has
// grown. Both have few entries.
func (m *merger) merge(block string, replaced func(before, after string)) (grown int) {
	m.merged = m.merged[:0]
	for one := range entriesOf(block) {
		if !slices.ContainsFunc(m.changes, func(c entry) bool { return c.key == one.key }) {
			m.merged = append(m.merged, one.whole...)
		}
	}
	for i, one := range m.changes {
		if slices.ContainsFunc(m.changes[i+1:], func(c entry) bool { return c.key == one.key }) {
			continue
		}
		before := valueIn(block, one.key)
		if replaced != nil {
			replaced(before, one.value)
		}
		if before != "" {
			grown--
		}
		if one.value != "" {
			m.merged = append(m.merged, one.whole...)
			grown++
		}
	}
	return grown
}

// valueIn returns the value of a key in a block; empty when it is not there.
func valueIn[Key string | []byte](block string, key Key) string {
	for block != "" {
		first, rest, _ := cutEntry(block)
		if first.key == string(key) {
			return first.value
		}
		block = rest
	}
	return ""
}

// sized returns the table with as many blocks as that many entries need.
func (t table) sized(size int) table {
	need := max(pageBits, bits.Len(uint(max(size-1, 0)/blockSize)))
	if len(t.pages) > 0 && need <= t.bits {
		return t
	}
	larger := table{pages: make([]*page, 1<<(need-pageBits)), bits: need, size: t.size, held: t.held}
	for i := range larger.pages {
		larger.pages[i] = new(page)
	}
	if len(t.pages) == 0 {
		return larger
	}
	split := make([][]byte, 1<<(need-t.bits)) // what becomes of one block
	first := uint64(0)
	for block := range t.blocks() {
		for i := range split {
			split[i] = split[i][:0]
		}
		for one := range entriesOf(block) {
			part := &split[larger.blockOf([]byte(one.key))-first]
			*part = append(*part, one.whole...)
		}
		for _, part := range split {
			larger.pages[first>>pageBits][first&(1<<pageBits-1)] = string(part)
			first++
		}
	}
	return larger
}
