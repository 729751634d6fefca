package search

import (
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
)

// Cursor is a place in a list: behind the row with that id. The zero Cursor is the
// beginning.
type Cursor struct{ id uuid.UUID }

// cursorVersion is the first byte of a cursor's text, so that another form of it can be
// told apart later.
const cursorVersion = 1

// ErrCursor is the error for a text that is no cursor.
var ErrCursor = errors.New("not a cursor: it is copied whole from what a list printed last")

// Behind returns the cursor behind a row.
func Behind(id uuid.UUID) Cursor { return Cursor{id} }

// IsZero reports whether it is the beginning.
func (c Cursor) IsZero() bool { return c.id == uuid.Nil }

// String is the cursor's text, whose form may change; empty for the zero Cursor.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append([]byte{cursorVersion}, c.id[:]...))
}

// MarshalText returns String.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads String. The error is ErrCursor.
func (c *Cursor) UnmarshalText(text []byte) error {
	read, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err != nil || len(read) != 1+len(c.id) || read[0] != cursorVersion {
		return ErrCursor
	}
	at := Cursor{uuid.UUID(read[1:])}
	if at.String() != string(text) { // the decoder passes over line ends
		return ErrCursor
	}
	*c = at
	return nil
}
