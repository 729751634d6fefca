package hit

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// MaxEncodedBytes bounds the JSON form that Decode reads. It is far above
// MaxBytes, which bounds the hits that doors make today, because a queue, a spool
// or a dead letter may still hold hits of earlier versions.
const MaxEncodedBytes = 1 << 20

// Valid reports whether this is one of the doors.
func (k Kind) Valid() bool {
	switch k {
	case Click, Postback, Pixel, Clickless:
		return true
	}
	return false
}

// Decode reads the JSON form of a hit. It is strict about foreign input: the kind
// must be known, the id set, numbers not negative, every text UTF-8 without NUL,
// which Postgres cannot store, no field may come twice, and the whole may have at
// most MaxEncodedBytes. It ignores unknown fields, so that it can read the hits of a
// newer version. The error never repeats a value.
//
// A hit that is not plain is read with version 2 of encoding/json, of which the
// module is the mirror for Go before 1.27: every hit is decoded on a young
// goroutine, whose small stack version 1 outgrows twice.
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
	if !plain && h.hasNUL() { // a plain hit holds no control character
		return nil, fmt.Errorf("decode hit: %w", errNUL)
	}
	return h, nil
}

// withoutValue returns an error of package json without the part of the input that
// it quotes: the message may come from anywhere, and the error is stored and logged.
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
	case h.AccountID < 0 || h.OfferID < 0 || h.PublisherID < 0 || h.TestAccount < 0:
		return errors.New("an account, offer or publisher is negative")
	case h.Incarnation < 0 || h.Number < 0:
		return errors.New("its number is negative")
	}
	return nil
}
