package hit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// MaxEncodedBytes bounds the JSON form that Decode reads. It is far above
// MaxBytes, which bounds what the doors make today, because a queue, a spool
// or a dead letter may still hold what earlier ones made.
const MaxEncodedBytes = 1 << 20

// Valid reports whether this is one of the doors.
func (k Kind) Valid() bool {
	switch k {
	case Click, Postback, Pixel, Clickless:
		return true
	}
	return false
}

// Decode reads what Encode wrote. It is strict about foreign input: the kind
// must be known, the id set, numbers not negative, no text may hold a NUL,
// which Postgres cannot store, or what is not UTF-8, no field may come twice,
// and the whole at most MaxEncodedBytes long. Unknown fields are passed over,
// so that a newer sender can be read. The error never repeats a value.
//
// What is not plain is read with version 2 of encoding/json, of which the module
// is the mirror for Go before 1.27: every hit is decoded on a young goroutine,
// whose small stack version 1 outgrows twice.
func Decode(data []byte) (*Hit, error) {
	if len(data) > MaxEncodedBytes {
		return nil, fmt.Errorf("decode hit: %d bytes are more than the %d that one may have", len(data), MaxEncodedBytes)
	}
	h, plain := decodePlain(data)
	if !plain {
		h = new(Hit)
		if err := json.Unmarshal(data, h); err != nil {
			return nil, fmt.Errorf("decode hit: %w", withoutValue(err))
		}
	}
	if err := h.validate(); err != nil {
		return nil, fmt.Errorf("decode hit: %w", err)
	}
	return h, nil
}

// withoutValue drops what package json quotes of its input: the message may be
// of any origin, and its error text is stored and logged.
func withoutValue(err error) error {
	var syntax *jsontext.SyntacticError
	var value *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d", syntax.ByteOffset)
	case errors.As(err, &value):
		return fmt.Errorf("a value that does not fit its field at byte %d", value.ByteOffset)
	default:
		return errors.New("a value that cannot be read")
	}
}

func (h *Hit) validate() error {
	switch {
	case h.ID == uuid.Nil:
		return errors.New("it has no id")
	case !h.Kind.Valid():
		return errors.New("its kind is not one of click, postback, pixel, clickless")
	case h.AccountID < 0 || h.OfferID < 0 || h.PublisherID < 0:
		return errors.New("an account, offer or publisher is negative")
	case h.hasNUL():
		return errors.New("a text holds a NUL")
	}
	return nil
}

func (h *Hit) hasNUL() bool {
	for _, text := range []string{
		h.Method, h.Host, h.Path, h.Destination, h.ClientIP, h.UserAgent, h.Referer, string(h.Refusal),
	} {
		if strings.IndexByte(text, 0) >= 0 {
			return true
		}
	}
	for name, value := range h.Params {
		if strings.IndexByte(name, 0) >= 0 || strings.IndexByte(value, 0) >= 0 {
			return true
		}
	}
	for _, note := range h.Notes {
		if strings.IndexByte(note, 0) >= 0 {
			return true
		}
	}
	return false
}
