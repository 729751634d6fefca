package hit

import "strings"

// MendAddresses prepares a raw query, or the raw body of a form, for reading. In
// those a + means a blank; but senders paste e-mail addresses in as they are, and
// in an address there is no blank. So each + of an address is encoded, as it
// should have been: read as a blank it would hide what stands before it. In
// a+note+to+joe@example.com all of the words count as the address. The at sign
// as an HTML entity, whose & would end the parameter, is encoded as well.
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
	rest, done := 0, 0
	for i := range len(v.text) {
		if v.text[i] != '@' {
			continue
		}
		address := v.addressAt(i, done)
		if address.to == 0 {
			continue
		}
		done = address.to
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
