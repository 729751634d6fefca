package hit

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Encode returns the JSON form that travels and is stored. It is the form of
// encoding/json with only those escapes that JSON requires. Encode takes the fields
// from a table, because encoding/json spends half of its time on a hit on finding
// them, and every request pays for that.
//
// Decode takes whatever Encode returns. A hit that Decode would not take, such as one
// with a NUL in a text, is an ErrUnencodable: what no worker can read must not be
// promised to anybody. The error never repeats a value.
func (h *Hit) Encode() ([]byte, error) {
	if err := h.validate(); err != nil {
		return nil, h.unencodable(err)
	}
	data := make([]byte, 0, h.encodedSize())
	var err error
	for i := range fields {
		if data, err = fields[i].value.appendTo(data, fieldKeys[i], fields[i].empty, h); err != nil {
			return nil, h.unencodable(fmt.Errorf("%s: %w", fields[i].name, err))
		}
	}
	if data = append(data, '}'); len(data) > MaxEncodedBytes {
		return nil, h.unencodable(fmt.Errorf("%d bytes are more than the %d that one may have", len(data), MaxEncodedBytes))
	}
	return data, nil
}

// ErrUnencodable is the error of Encode for a hit that Decode would not take.
var ErrUnencodable = errors.New("no worker could read the hit")

func (h *Hit) unencodable(err error) error {
	return fmt.Errorf("encode hit %s: %w: %w", h.ID, ErrUnencodable, err)
}

// encodedSize estimates the length of the JSON form, so that it is rarely copied
// as it grows.
func (h *Hit) encodedSize() int {
	const names = 512 // and the values of a fixed length
	return names + h.textBytes()
}

// appendPlain appends a text that needs no escapes, in quotes.
func appendPlain(data []byte, text string) []byte {
	return append(append(append(data, '"'), text...), '"')
}

// The errors of appendQuoted.
var (
	errNUL     = errors.New("a text holds a NUL")
	errNotUTF8 = errors.New("a text is not UTF-8")
)

// appendQuoted appends a text as JSON. The error is about a text that no hit may
// hold.
func appendQuoted(data []byte, text string) ([]byte, error) {
	if !mayLengthen(text) { // as nearly always
		return appendPlain(data, text), nil
	}
	if holdsNUL(text) {
		return data, errNUL
	}
	data, err := jsontext.AppendQuote(data, text)
	if err != nil {
		return data, errNotUTF8
	}
	return data, nil
}
