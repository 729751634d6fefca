package receiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"

	"integr8/pipeline/hit"
)

// The forms that a body may have.
const (
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
	typeJSON      = "application/json"
)

// addBody takes in the parameters of a POST body. An empty body has none,
// whatever its type.
func (in *request) addBody(v *visit) *answer {
	body := v.body
	if len(body) == 0 {
		return nil
	}
	if coding := string(v.header.ContentEncoding()); coding != "" && !strings.EqualFold(coding, "identity") {
		return bodyUnknown()
	}
	mediaType, parameters, err := mime.ParseMediaType(string(v.header.ContentType()))
	switch {
	case err != nil:
		return bodyUnknown()
	case mediaType == typeForm:
		in.addPairs(string(body), theForm)
	case mediaType == typeMultipart:
		in.addMultipart(body, parameters["boundary"])
	case mediaType == typeJSON || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json"):
		in.addJSON(body)
	default:
		return bodyUnknown()
	}
	return nil
}

// addPairs takes in name=value pairs joined by ampersands. A semicolon is an
// ordinary character, unlike with url.ParseQuery, and order and repeats show.
func (in *request) addPairs(raw, subject string) {
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			in.setMalformed(subject)
			continue
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			in.setMalformed(subject)
			in.addUnreadable(name, rawValue)
			continue
		}
		in.add(name, value)
	}
}

// addMultipart takes in the fields of a multipart form. A file is not taken.
func (in *request) addMultipart(body []byte, boundary string) {
	if boundary == "" {
		in.setMalformed(theForm)
		return
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it means that the form was cut off
			return
		}
		if err != nil || part.FormName() == "" || part.FileName() != "" {
			in.setMalformed(theForm)
			return
		}
		value, err := io.ReadAll(part)
		if err != nil {
			in.setMalformed(theForm)
			return
		}
		in.add(part.FormName(), string(value))
	}
}

// addJSON takes in one flat object, token by token, so that a name that comes
// twice is seen and numbers keep the digits that were sent. null means empty.
// An object or a list is kept as compact JSON text, except as the value of a
// parameter of the contract.
func (in *request) addJSON(body []byte) {
	if !utf8.Valid(body) {
		setProblem(&in.badText, hit.InvalidText, theJSON) // the decoder would mend it silently
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // a byte order mark
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		in.setMalformed(theJSON)
		return
	}
	for decoder.More() {
		key, err := decoder.Token()
		name, isText := key.(string)
		var raw json.RawMessage
		if err == nil {
			err = decoder.Decode(&raw)
		}
		if err != nil || !isText {
			in.setMalformed(theJSON)
			return
		}
		value, flat := jsonText(raw)
		if !flat && (hit.KnownParam(name) || hit.IsSecureParam(name)) {
			in.setMalformed(theJSONValue)
			continue
		}
		in.add(name, value)
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		in.setMalformed(theJSON)
		return
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		in.setMalformed(theJSON)
	}
}

// jsonText gives a JSON value as the text of a parameter, and whether it was
// a plain one. raw is valid JSON.
func jsonText(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", false
		}
		return text, true
	case 'n':
		return "", true
	case '{', '[':
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return "", false
		}
		return compact.String(), false
	default:
		return string(raw), true
	}
}
