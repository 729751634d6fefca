package books

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

// Identity says whose numbers they are.
type Identity struct {
	// Incarnation is the id of one run of a receiver, and BeganAt when it began.
	Incarnation int64     `json:"incarnation"`
	BeganAt     time.Time `json:"began_at"`
	// Home is the id of the directory in which the receiver spools. The next incarnation
	// with this home publishes what this one leaves there.
	Home uuid.UUID `json:"home"`
}

// Statement says which hits of a topic a receiver has promised. It travels through the
// topic's queue behind those hits. So a worker that receives it knows two things: what
// the receiver promised, and how long a message takes through the queue.
type Statement struct {
	Identity
	Topic string `json:"topic"`
	// The numbers above After, up to UpTo, were promised, but for those in Withdrawn,
	// whose hits are not durable as far as the receiver knows.
	After     int64  `json:"after"`
	UpTo      int64  `json:"up_to"`
	Withdrawn []Span `json:"withdrawn,omitempty"`
	// Spooled counts the records of the topic in the receiver's spool. When it is 0, every
	// hit that any incarnation with this home promised before is in the queue before this
	// statement, or was.
	Spooled int64 `json:"spooled"`
	// SentAt is the receiver's clock.
	SentAt time.Time `json:"sent_at"`
}

// statementMark opens the JSON form of a statement. No hit begins so.
const statementMark = `{"statement":1,`

// IsStatement reports whether a message is a statement and no hit.
func IsStatement(payload []byte) bool { return bytes.HasPrefix(payload, []byte(statementMark)) }

// Encode returns the JSON form.
func (s Statement) Encode() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode a statement: %w", err)
	}
	return append([]byte(statementMark), text[1:]...), nil
}

// DecodeStatement reads the JSON form. It returns an error for a statement that makes
// no sense.
func DecodeStatement(payload []byte) (Statement, error) {
	var s Statement
	if err := json.Unmarshal(payload, &s); err != nil {
		return Statement{}, errors.New("decode a statement: a value that cannot be read")
	}
	if err := s.check(); err != nil {
		return Statement{}, fmt.Errorf("decode a statement: %w", err)
	}
	return s, nil
}

func (s Statement) check() error {
	switch {
	case s.Incarnation <= 0 || s.Home == uuid.Nil || s.Topic == "" || strings.ContainsRune(s.Topic, 0) || s.BeganAt.IsZero() || s.SentAt.IsZero():
		return errors.New("it does not say whose it is")
	case s.After < 0 || s.UpTo < s.After || s.Spooled < 0:
		return errors.New("its numbers are out of order")
	}
	before := s.After
	for _, span := range s.Withdrawn {
		if span.First <= before || span.Last < span.First || span.Last > s.UpTo {
			return errors.New("its withdrawn numbers are out of order")
		}
		before = span.Last
	}
	return nil
}
