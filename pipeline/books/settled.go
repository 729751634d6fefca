package books

import "slices"

// Run is blocks in a row in which every promised number is settled.
type Run struct {
	Block, Blocks int64
}

// End returns the block after the last one.
func (r Run) End() int64 { return r.Block + r.Blocks }

// Settled is the settled numbers of one incarnation and topic.
type Settled struct {
	// Runs are in order and do not overlap.
	Runs []Run
	// Open are the settled numbers of other blocks.
	Open map[int64]*Bits
}

// AddRun adds a run. Runs are added in the order of their blocks.
func (s *Settled) AddRun(run Run) {
	if last := len(s.Runs) - 1; last >= 0 && s.Runs[last].End() >= run.Block {
		s.Runs[last].Blocks = max(s.Runs[last].End(), run.End()) - s.Runs[last].Block
		return
	}
	s.Runs = append(s.Runs, run)
}

// AddOpen adds the numbers of a block.
func (s *Settled) AddOpen(block int64, numbers *Bits) {
	if s.Open == nil {
		s.Open = map[int64]*Bits{}
	}
	s.Open[block] = numbers
}

// Missing returns the numbers above after, up to upTo, that are neither settled nor
// withdrawn. withdrawn may overlap and need not be in order.
func (s *Settled) Missing(after, upTo int64, withdrawn []Span) []Span {
	var missing []Span
	runs := s.Runs
	for first := after + 1; first <= upTo; {
		block, place := BlockOf(first)
		for len(runs) > 0 && runs[0].End() <= block {
			runs = runs[1:]
		}
		if len(runs) > 0 && runs[0].Block <= block {
			first = runs[0].End()*BlockSize + 1
			continue
		}
		end := min(upTo, (block+1)*BlockSize)
		if numbers := s.Open[block]; numbers == nil {
			missing = appendSpan(missing, Span{first, end})
		} else {
			for number := first; number <= end; number, place = number+1, place+1 {
				if !numbers.Has(place) {
					missing = appendSpan(missing, Span{number, number})
				}
			}
		}
		first = end + 1
	}
	return Without(missing, withdrawn)
}

// Beyond counts the settled numbers above a number, and returns the largest of them. It
// returns 0 and the number when there are none.
func (s *Settled) Beyond(number int64) (hits, largest int64) {
	largest = number
	for block, numbers := range s.Open {
		first := block*BlockSize + 1
		for at := max(first, number+1); at < first+BlockSize; at++ {
			if numbers.Has(int(at - first)) {
				hits, largest = hits+1, max(largest, at)
			}
		}
	}
	return hits, largest
}

// appendSpan appends a span, or makes the last one longer.
func appendSpan(spans []Span, span Span) []Span {
	if last := len(spans) - 1; last >= 0 && spans[last].Last == span.First-1 {
		spans[last].Last = span.Last
		return spans
	}
	return append(spans, span)
}

// Union returns the numbers of the spans, in order, each once.
func Union(spans []Span) []Span {
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b Span) int { return int(a.First - b.First) })
	var union []Span
	for _, span := range sorted {
		if last := len(union) - 1; last >= 0 && union[last].Last >= span.First-1 {
			union[last].Last = max(union[last].Last, span.Last)
			continue
		}
		union = append(union, span)
	}
	return union
}

// Without returns the numbers of spans, which are in order, that are in none of others.
func Without(spans, others []Span) []Span {
	others = Union(others)
	var left []Span
	for _, span := range spans {
		for len(others) > 0 && others[0].Last < span.First {
			others = others[1:]
		}
		for _, other := range others {
			if other.First > span.Last {
				break
			}
			if other.First > span.First {
				left = append(left, Span{span.First, other.First - 1})
			}
			span.First = other.Last + 1
		}
		if span.First <= span.Last {
			left = append(left, span)
		}
	}
	return left
}

// Within returns the numbers of spans above after, up to upTo.
func Within(spans []Span, after, upTo int64) []Span {
	var within []Span
	for _, span := range spans {
		cut := Span{max(span.First, after+1), min(span.Last, upTo)}
		if cut.First <= cut.Last {
			within = append(within, cut)
		}
	}
	return within
}

// Hits counts the numbers of spans.
func Hits(spans []Span) (hits int64) {
	for _, span := range spans {
		hits += span.Hits()
	}
	return hits
}
