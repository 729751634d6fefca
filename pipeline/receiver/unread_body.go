package receiver

import (
	"bytes"
	"strings"

	"integr8/pipeline/hit"
)

// searchBody adds the qualifiers in a body that is not read as parameters, and nothing
// else from it: no id, no amount and no token. The query contains everything that is
// needed, so the body never refuses the request. But a refund that a sender puts into a
// body of another form, into XML, or into a compressed or too large body, is a refund.
//
// It reads the first 64 KiB (Options.MaxBodyBytes), inflated by gzip or deflate to at most
// as much, as JSON or XML, as a form, or as lines of name and value, as far as it can be
// parsed. In JSON, XML and forms each name of the family counts as in any body. In
// other text only a plain refusal counts, because it is unclear what its names belong
// to. A body that remains unreadable, such as binary data or another compression, does
// not stop the conversion: by the contract the sender has said in the query what is to be
// paid. The hit converts, and its note names the body.
func (in *request) searchBody(v *visit) {
	in.searching = true
	defer func() { in.searching = false }()
	body := plainBody(v.body, string(v.header.ContentEncoding()), in.limits.MaxBodyBytes)
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	whole := false
	switch {
	case len(body) == 0:
		return
	case body[0] == '{', body[0] == '[':
		whole = in.addNestedQualifiers("", body)
	case body[0] == '<':
		whole = in.addXMLQualifiers(body)
	case bytes.HasPrefix(body, []byte("--")):
		whole = in.addMultipart(body, "")
	case looksLikeForm(body):
		if end := bytes.LastIndexByte(body, '&'); v.bodyTooLarge && end >= 0 {
			body = body[:end] // without the last pair, which is cut off
		}
		in.addPairs(string(body))
		in.addPairsBySemicolon(body)
		return
	case bytes.IndexByte(body, '=') < 0:
		in.addTextWithin("", string(body)) // a form or JSON that was encoded as a whole
	}
	if !whole && !v.bodyTooLarge {
		in.addTextQualifiers(string(body))
	}
}

// addFound is add for the parameters that searchBody finds.
func (in *request) addFound(name string, value sent) {
	switch {
	case name == hit.ParamRevenue || name == hit.ParamPayout:
		in.addNestedText(pathOf("body", name), value.text)
	case !hit.KnownParam(name):
		in.saysOfConversion(name, value)
	}
}

// addTextQualifiers adds the plain refusals in a text of unknown form: the whole text, or
// the value behind a name and a colon or an equals sign.
func (in *request) addTextQualifiers(text string) {
	if strings.IndexByte(text, 0) >= 0 {
		return // binary data
	}
	in.addNestedText("body", text)
	for pair := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\r\n{}[],;&<>|\t", r) }) {
		at := strings.IndexAny(pair, ":=")
		if at <= 0 {
			continue
		}
		name, value := unquoted(pair[:at]), unquoted(pair[at+1:])
		switch hit.QualifierOf(name) {
		case hit.NoQualifier:
			in.addNestedText(name, value)
		case hit.ReversalQualifier, hit.ApprovalQualifier:
			in.addQualifier(name, value)
		default:
			if hit.IsRefusal(value) {
				in.addQualifier(name, value)
			}
		}
	}
}

func unquoted(text string) string { return hit.Trim(strings.Trim(hit.Trim(text), "\"'`")) }
