package redact

import (
	"strings"

	"integr8/pipeline/hit"
)

// MendAddresses returns a raw query, or the raw body of a form, with each + of an
// e-mail address percent-encoded. In a form a + means a blank; but senders paste
// addresses in as they are, and an address holds no blank. Read as a blank, the +
// would hide the words before it. In a+note+to+joe@example.com all of the words
// count as the address. It encodes an at sign as an HTML entity as well, because
// its & would end the parameter.
func MendAddresses(raw string) string {
	if strings.Contains(raw, "&#") || strings.Contains(raw, "&commat;") {
		raw = atEntities.Replace(raw)
	}
	if strings.IndexByte(raw, '+') < 0 {
		return raw
	}
	v := decodeView(raw)
	if strings.IndexByte(v.text, '@') < 0 {
		return raw
	}
	var mended strings.Builder
	rest, done, pairs := 0, 0, pairs{raw: raw}
	for i := 0; i < len(v.text); i++ {
		if v.text[i] != '@' {
			continue
		}
		v.place.digest = pairs.isKeyAt(v.offset(i))
		address, next := v.addressAt(i, done)
		if address.to == 0 {
			i = next - 1
			continue
		}
		done = address.to
		i = done - 1
		from, to := v.offsets(address.from, address.to)
		mended.WriteString(raw[rest:from])
		mended.WriteString(strings.ReplaceAll(raw[from:to], "+", "%2B"))
		rest = to
	}
	mended.WriteString(raw[rest:])
	return mended.String()
}

var atEntities = strings.NewReplacer(
	"&#64;", "%40", "&#064;", "%40", "&#x40;", "%40", "&#X40;", "%40", "&commat;", "%40",
	"&#65312;", "%40", "&#xff20;", "%40", "&#xFF20;", "%40",
)

// pairs knows the pair of a raw query, or of a form's raw body, that holds an offset.
type pairs struct {
	raw         string
	start, seen int
}

// isKeyAt reports whether the pair at an offset has the name of a key. Offsets come
// in order, so that the whole takes time linear in the text.
func (p *pairs) isKeyAt(at int) bool {
	if ampersand := strings.LastIndexByte(p.raw[p.seen:at], '&'); ampersand >= 0 {
		p.start = p.seen + ampersand + 1
	}
	p.seen = at
	name, _, _ := strings.Cut(p.raw[p.start:min(at, p.start+hit.MaxNameBytes)], "=")
	return hit.IsKey(name)
}
