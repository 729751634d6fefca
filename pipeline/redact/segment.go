package redact

import "integr8/pipeline/ascii"

// segmentAt reads the segment of a path that the slash at i parts from the name of a
// secret: that after /secure/ or /api_key/. In the path of the request it is a secret
// whatever it holds; elsewhere, as in the address of a page, it has to look like one,
// unlike that of /secure/checkout.
func (v view) segmentAt(i, low int) secret {
	kind := v.nameBefore(i, low)
	if kind == 0 || !v.isSegmentBefore(i, low) {
		return secret{}
	}
	to, digit := i+1, false
	for to < len(v.text) && !endsSegment.has(v.text[to]) {
		digit = digit || ascii.IsDigit(v.text[to])
		to++
	}
	if long := to - i - 1; !v.place.path && long < minUnknownSecret && !(digit && long >= MinImportedToken) {
		return secret{}
	}
	return secret{i + 1, to, kind}
}

// minUnknownSecret is the length from which a segment of letters alone looks like a
// secret.
const minUnknownSecret = 24

// isSegmentBefore reports whether the word before end is a whole segment.
func (v view) isSegmentBefore(end, low int) bool {
	for end > low && (isWordByte(v.text[end-1]) || v.text[end-1] == '-') {
		end--
	}
	return end == 0 || v.text[end-1] == '/'
}
