package hit

// view is a text with its percent-encoding and its JSON escapes undone, as
// often as they were nested, that still knows where in the source each byte
// came from. A secret is looked for in the view and cut out of the source.
type view struct {
	source string
	text   string
	// starts gives each byte's offset in the source, and one more for the
	// end; nil when the text is the source itself.
	starts []int
}

// decodeView undoes escapes in one pass: whenever the bytes read so far end in
// an escape, that is replaced at once by what it stands for, so that the
// result may complete an outer escape. Nesting of any depth thus costs time
// linear in the source.
func decodeView(source string) view {
	if !mayHoldEscape(source) {
		return view{source: source, text: source}
	}
	text := make([]byte, 0, len(source))
	starts := make([]int, 0, len(source)+1)
	for i := range len(source) {
		text = append(text, source[i])
		starts = append(starts, i)
		for {
			b, n := escapeAtEnd(text)
			if n == 0 {
				break
			}
			text = append(text[:len(text)-n], b)
			starts = starts[:len(text)]
		}
	}
	return view{source: source, text: string(text), starts: append(starts, len(source))}
}

func mayHoldEscape(text string) bool {
	for i := range len(text) {
		if text[i] == '%' || text[i] == '\\' {
			return true
		}
	}
	return false
}

// escapeAtEnd reads an escape (%40, or \u0040 for ASCII) that the text ends
// in, and answers the byte it stands for and the escape's length, or 0.
func escapeAtEnd(text []byte) (byte, int) {
	n := len(text)
	if n < 3 || !isHexDigit(text[n-1]) || !isHexDigit(text[n-2]) {
		return 0, 0
	}
	b := hexValue(text[n-2])<<4 | hexValue(text[n-1])
	if text[n-3] == '%' {
		return b, 3
	}
	if n >= 6 && text[n-3] == '0' && text[n-4] == '0' && text[n-5] == 'u' && text[n-6] == '\\' && b < 0x80 {
		return b, 6
	}
	return 0, 0
}

func hexValue(digit byte) byte {
	switch {
	case digit <= '9':
		return digit - '0'
	case digit <= 'F':
		return digit - 'A' + 10
	default:
		return digit - 'a' + 10
	}
}

// source offsets of the view's bytes from..to.
func (v view) offsets(from, to int) (int, int) {
	if v.starts == nil {
		return from, to
	}
	return v.starts[from], v.starts[to]
}

// width is how many bytes of the source a byte of the view takes: 1, or more
// where it was escaped, and the more the deeper.
func (v view) width(i int) int {
	from, to := v.offsets(i, i+1)
	return to - from
}
