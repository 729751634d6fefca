package dead

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Cursor is a place in the list of dead letters: behind a letter and its last death. The
// zero Cursor is the beginning.
type Cursor struct {
	died time.Time
	id   uuid.UUID
}

// cursorVersion is the first byte of a cursor's text. Those of other lists begin with
// another one.
const cursorVersion = 2

// ErrCursor is the error for a text that is no cursor.
var ErrCursor = errors.New("not a cursor of dead letters: it is copied whole from the page before")

// Behind returns the cursor behind a letter.
func Behind(letter *Letter) Cursor { return Cursor{letter.DiedAt, letter.ID} }

// String is the cursor's text, whose form may change; empty for the zero Cursor.
func (c Cursor) String() string {
	if c.id == uuid.Nil {
		return ""
	}
	// Postgres keeps times to the microsecond.
	text := binary.BigEndian.AppendUint64([]byte{cursorVersion}, uint64(c.died.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(text, c.id[:]...))
}

// UnmarshalText reads String. The error is ErrCursor.
func (c *Cursor) UnmarshalText(text []byte) error {
	const timeBytes = 8
	read, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err != nil || len(read) != 1+timeBytes+len(c.id) || read[0] != cursorVersion {
		return ErrCursor
	}
	at := Cursor{
		died: time.UnixMicro(int64(binary.BigEndian.Uint64(read[1:]))).UTC(),
		id:   uuid.UUID(read[1+timeBytes:]),
	}
	if at.String() != string(text) { // the decoder passes over line ends
		return ErrCursor
	}
	*c = at
	return nil
}

// after is the letter that a page of the Store goes on behind; nil for the beginning.
func (c Cursor) after() *Letter {
	if c.id == uuid.Nil {
		return nil
	}
	return &Letter{ID: c.id, DiedAt: c.died}
}
