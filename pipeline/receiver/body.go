package receiver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
)

// The forms that a body may have.
const (
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// addBody adds the parameters of a body. It finds out the form of the body from the body
// itself, because senders such as sendBeacon and curl set another Content-Type or none. A
// body that cannot be read never refuses a complete query.
func (in *request) addBody(v *visit) {
	complete := in.complete()
	readable := in.addParameters(v)
	if in.token == "" {
		in.elsewhere = cmp.Or(in.elsewhere, tokenIn(v.body))
	}
	if readable {
		return
	}
	if complete {
		in.mend(theBody, unread)
		in.searchBody(v)
		return
	}
	setProblem(&in.malformed, outcome.MalformedRequest, theBody)
}

// leaveOutBody is addBody for a body that is too large. Only the qualifiers in its
// beginning count, because the rest may contain other parameters. A refusal is recorded
// under the token in the beginning.
func (in *request) leaveOutBody(v *visit) {
	switch {
	case in.kind == hit.Click: // the body of a click does not count
	case in.complete():
		in.mend(theBody, oversize)
		in.searchBody(v)
	default:
		setProblem(&in.malformed, outcome.TooLarge, theBody)
		if in.token == "" {
			in.elsewhere = cmp.Or(in.elsewhere, tokenIn(v.body))
		}
	}
}

// complete reports whether the parameters are present that every hit of the kind needs.
func (in *request) complete() bool {
	needed := hit.ParamTransactionID
	if in.kind == hit.Clickless {
		needed = hit.ParamPublisher
	}
	return in.token != "" && in.values[needed] != ""
}

// addParameters reports whether the body could be read.
func (in *request) addParameters(v *visit) bool {
	body := bytes.TrimSpace(bytes.TrimPrefix(v.body, []byte("\xef\xbb\xbf"))) // a byte order mark
	mediaType, parameters, err := mime.ParseMediaType(string(v.header.ContentType()))
	if err != nil {
		mediaType = ""
	}
	coding := string(v.header.ContentEncoding())
	plain := coding == "" || strings.EqualFold(coding, "identity")
	switch {
	case len(body) == 0:
		return true
	case body[0] == '<': // XML, also where curl calls it a form
		return false
	case body[0] == '{' && (mediaType != typeForm || json.Valid(body)):
		return in.addJSON(body)
	case body[0] == '[' && json.Valid(body):
		if elements, _ := listOf(body); len(elements) == 1 && elements[0][0] == '{' {
			return in.addJSON(elements[0])
		}
		return false
	case mediaType == typeMultipart || bytes.HasPrefix(body, []byte("--")):
		return in.addMultipart(v.body, parameters["boundary"])
	case mediaType == typeForm && plain && !isOtherText(body) || looksLikeForm(body):
		in.addPairs(string(body))
		in.addPairsBySemicolon(body)
		return true
	}
	return false
}

// looksLikeForm reports whether a body of another type begins like a form:
// with a name and an equals sign.
func looksLikeForm(body []byte) bool {
	name, _, found := bytes.Cut(body, []byte("="))
	if !found || len(name) == 0 {
		return false
	}
	for _, b := range name {
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("_-.[]%+", b) >= 0) {
			return false
		}
	}
	return true
}

// isOtherText reports whether a body that is called a form begins like another text, such
// as JSON that was cut off, lines of name and value, or a row of a spreadsheet: with a
// quotation mark, a line end, a colon or a comma where the name of a parameter stands.
func isOtherText(body []byte) bool {
	name := body
	if end := bytes.IndexAny(body, "=&"); end >= 0 {
		name = body[:end]
	}
	return bytes.ContainsAny(name, "\"'\r\n:,")
}

// addPairsBySemicolon adds the qualifiers of a form whose pairs are joined by semicolons
// alone, such as a=1;status=rejected. addPairs reads that as one parameter.
func (in *request) addPairsBySemicolon(body []byte) {
	if _, rest, found := bytes.Cut(body, []byte(";")); found && bytes.IndexByte(body, '&') < 0 {
		in.addGluedQualifiers(string(rest))
	}
}

// addPairs adds name=value pairs joined by ampersands. Unlike url.ParseQuery, it treats a
// semicolon as an ordinary character, and keeps order and repeats.
func (in *request) addPairs(raw string) {
	for pair := range strings.SplitSeq(redact.MendAddresses(raw), "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, brokenName := unescape(rawName) // then it is none of the contract
		value, broken := unescape(rawValue)
		if value == "" && in.kind != hit.Click {
			in.addTextWithin("", name) // a form or JSON that was encoded as a whole is a name
		}
		in.add(name, sent{text: value, broken: broken || brokenName, raw: rawValue})
	}
}

// addMultipart adds the fields of a multipart form, and reports whether all
// of it could be read. It skips files.
func (in *request) addMultipart(body []byte, boundary string) bool {
	if boundary == "" {
		line, _, _ := bytes.Cut(body, []byte("\n"))
		boundary = strings.TrimPrefix(strings.TrimSpace(string(line)), "--")
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { // a wrapped io.EOF means that the form was cut off
			return true
		}
		if err != nil || part.FormName() == "" {
			return false
		}
		if part.FileName() != "" {
			in.mend(part.FormName(), unread)
			if hit.QualifierOf(part.FormName()) != hit.NoQualifier {
				in.add(part.FormName(), sent{text: "[file]"}) // no word that anybody understands
			}
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return false
		}
		in.add(part.FormName(), sent{text: string(value)})
	}
}

// addJSON adds the members of one flat object. It reads token by token, so that it sees
// repeated names, and numbers keep the digits that were sent. null means empty.
// An object or a list is kept as compact JSON text, except as the value of the
// token or an id. It reports whether all of the body could be read.
func (in *request) addJSON(body []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	for decoder.More() {
		key, err := decoder.Token()
		name, isText := key.(string)
		var raw json.RawMessage
		if err == nil {
			err = decoder.Decode(&raw)
		}
		if err != nil || !isText {
			return false
		}
		value, readable := jsonValue(raw)
		if !readable {
			return false
		}
		in.add(name, value)
		if value.nested && hit.QualifierOf(name) == hit.NoQualifier {
			in.addNestedQualifiers(name, raw)
		}
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return false
	}
	_, err := decoder.Token()
	return errors.Is(err, io.EOF)
}

// jsonValue returns a JSON value as the value of a parameter. raw is valid JSON, but its
// texts may be invalid UTF-8: the decoder replaces that by U+FFFD, also half a surrogate
// pair.
func jsonValue(raw json.RawMessage) (value sent, ok bool) {
	switch raw[0] {
	case '"':
		if err := json.Unmarshal(raw, &value.text); err != nil {
			return value, false
		}
		value.badText = !utf8.Valid(raw) || strings.ContainsRune(value.text, utf8.RuneError) && !bytes.Contains(raw, []byte("\uFFFD"))
	case 'n':
	case '{', '[':
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return value, false
		}
		value.text, value.nested = compact.String(), true
	default:
		value.text = string(raw)
	}
	return value, true
}
