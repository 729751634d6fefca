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
)

// The forms that a body may have.
const (
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// addBody takes in the parameters of a body. What it is shows by itself: senders
// name another Content-Type or none, such as sendBeacon and curl. A body that
// cannot be read never undoes a query that names all that is needed.
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
		return
	}
	setProblem(&in.malformed, hit.MalformedRequest, theBody)
}

// leaveOutBody is addBody for a body that is too large to be read.
func (in *request) leaveOutBody() {
	switch {
	case in.kind == hit.Click: // it has none that counts
	case in.complete():
		in.mend(theBody, oversize)
	default:
		setProblem(&in.malformed, hit.TooLarge, theBody)
	}
}

// complete reports whether all is there without which no door of the kind takes
// a hit.
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
	case body[0] == '{' && (mediaType != typeForm || json.Valid(body)):
		return in.addJSON(body)
	case body[0] == '[' && json.Valid(body):
		if elements, _ := listOf(body); len(elements) == 1 && elements[0][0] == '{' {
			return in.addJSON(elements[0])
		}
		in.addNestedQualifiers("", body, nestedDepth)
		return false
	case mediaType == typeMultipart || bytes.HasPrefix(body, []byte("--")):
		return in.addMultipart(v.body, parameters["boundary"])
	case mediaType == typeForm && plain || looksLikeForm(body):
		in.addPairs(string(body))
		return true
	}
	return false
}

// looksLikeForm reports whether a body of another type begins as a form does:
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

// addPairs takes in name=value pairs joined by ampersands. A semicolon is an
// ordinary character, unlike with url.ParseQuery, and order and repeats show.
func (in *request) addPairs(raw string) {
	for pair := range strings.SplitSeq(hit.MendAddresses(raw), "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, brokenName := unescape(rawName) // then it is none of the contract
		value, broken := unescape(rawValue)
		in.add(name, sent{text: value, broken: broken || brokenName})
	}
}

// addMultipart takes in the fields of a multipart form, and reports whether all
// of it could be read. A file is passed over.
func (in *request) addMultipart(body []byte, boundary string) bool {
	if boundary == "" {
		line, _, _ := bytes.Cut(body, []byte("\n"))
		boundary = strings.TrimPrefix(strings.TrimSpace(string(line)), "--")
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it means that the form was cut off
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

// addJSON takes in one flat object, token by token, so that a name that comes
// twice is seen and numbers keep the digits that were sent. null means empty.
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
			in.addNestedQualifiers(name, raw, nestedDepth)
		}
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return false
	}
	_, err := decoder.Token()
	return errors.Is(err, io.EOF)
}

// jsonValue returns a JSON value as that of a parameter. raw is valid JSON, but its
// texts need not be UTF-8: the decoder puts U+FFFD for what is not, also for
// half a surrogate pair.
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
