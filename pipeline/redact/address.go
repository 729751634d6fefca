package redact

import (
	"net/netip"
	"strings"

	"integr8/pipeline/ascii"
)

// addressAt reads the e-mail address around the @ at i, none of it before
// low, and returns what follows the at sign. What looks like one counts: after the
// domain's first point there must be a label of at least two characters that is no
// number, as in example.com and unlike in the version 3.6.0; or the domain is
// localhost or an IP address. Several at signs count as one, and so do blanks and
// control characters around it.
//
// Outside an id a domain without a point counts too, as in joe@example: a label may
// become a hash. An id may not, because names with an at sign are in use for orders.
func (v view) addressAt(i, low int) (address secret, next int) {
	end := i
	for end > low && isGapRune(rune(v.text[end-1])) {
		end--
	}
	domain, gap := i+1, end < i
	for domain < len(v.text) && (v.text[domain] == '@' || v.text[domain] == '+' || isGapRune(rune(v.text[domain]))) {
		gap = gap || v.text[domain] != '@'
		domain++
	}
	address = v.addressAround(end, domain, low)
	if address.to == 0 && !gap && !v.place.digest {
		address = v.addressWithin(end, domain, low, v.nameAfter)
	}
	return address, domain
}

// addressAround is addressAt for an at sign from i to domain.
func (v view) addressAround(i, domain, low int) secret {
	return v.addressWithin(i, domain, low, v.domainAfter)
}

// addressWithin reads an address whose domain domainAfter reads.
func (v view) addressWithin(i, domain, low int, domainAfter func(from int) int) secret {
	from := i
	for from > low && isLocalByte(v.text[from-1]) {
		from--
	}
	for s := from; s < i; s++ { // 'joe@example.com' is joe's address
		if isWordByte(v.text[s]) {
			from = s
			break
		}
	}
	if from == i {
		from = v.quotedBefore(i, low)
	}
	to := domainAfter(domain)
	if from == i || to == 0 {
		return secret{}
	}
	for to < len(v.text)-1 && v.text[to] == '@' && isWordByte(v.text[to+1]) { // joe@work@example.com
		to = v.labelsAfter(to + 1)
	}
	return secret{from, to, FoundEmail}
}

// labelsAfter returns where the labels that begin at from end.
func (v view) labelsAfter(from int) int {
	to := from
	for to < len(v.text) && (isWordByte(v.text[to]) || v.text[to] == '.' || v.text[to] == '-') {
		to++
	}
	for to > from && (v.text[to-1] == '.' || v.text[to-1] == '-') {
		to--
	}
	return to
}

// nameAfter returns where the name of a host that begins at from ends, or 0: two
// characters or more, of which the first one is no digit.
func (v view) nameAfter(from int) int {
	to := v.labelsAfter(from)
	if to-from < 2 || ascii.IsDigit(v.text[from]) || strings.HasPrefix(strings.TrimLeft(v.text[to:], `\`), `"@`) { // "joe@work"@example.com
		return 0
	}
	return to
}

// quotedBefore reads a quoted local part, "joe smith"@... or "a@b"@..., and
// returns where it begins, or i.
func (v view) quotedBefore(i, low int) int {
	const longest = 66 // RFC 5321: 64 and the quotes
	if i < low+3 || v.text[i-1] != '"' {
		return i
	}
	escaped := v.text[i-2] == '\\' // as in JSON within JSON
	word := false
	for from := i - 2; from >= max(low, i-longest); from-- {
		b := v.text[from]
		if b == '"' && (escaped || from == low || v.text[from-1] != '\\') {
			if word {
				return from
			}
			return i
		}
		word = word || isWordByte(b)
	}
	return i
}

// domainAfter returns where the domain that begins at from ends, or 0.
func (v view) domainAfter(from int) int {
	if from < len(v.text) && v.text[from] == '[' { // joe@[192.0.2.1]
		const longest = 64
		piece := v.text[from:min(len(v.text), from+longest)]
		if end := strings.IndexByte(piece, ']'); end > 0 && strings.ContainsAny(piece[:end], ".:") {
			return from + end + 1
		}
		return 0
	}
	to := v.labelsAfter(from)
	domain := v.text[from:to]
	_, labels, _ := strings.Cut(domain, ".")
	for label := range strings.SplitSeq(labels, ".") {
		if len(label) >= 2 && !ascii.IsDigits(label) {
			return to
		}
	}
	if strings.EqualFold(domain, "localhost") {
		return to
	}
	return v.addressAfter(from)
}

// addressAfter returns where the IP address that begins at from ends, or 0.
func (v view) addressAfter(from int) int {
	to, marks := from, 0
	for to < len(v.text) && to-from < maxIPBytes && (ascii.IsHexDigit(v.text[to]) || v.text[to] == '.' || v.text[to] == ':') {
		if !ascii.IsHexDigit(v.text[to]) {
			marks++
		}
		to++
	}
	for ; marks >= 2 && to > from; to-- { // joe@192.0.2.1. and joe@::1: and joe@192.0.2.1:25
		if to < len(v.text) && isWordByte(v.text[to]) {
			continue
		}
		if _, err := netip.ParseAddr(v.text[from:to]); err == nil {
			return to
		}
	}
	return 0
}

// maxIPBytes is the length of an IPv6 address that ends in an IPv4 address.
const maxIPBytes = 45
