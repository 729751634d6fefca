package history

import (
	"errors"
	"strconv"
)

// Cursor is a place in the list: behind the entry with that id. The zero Cursor is the
// beginning.
type Cursor struct{ id int64 }

// ErrCursor is the error for a text that is no cursor.
var ErrCursor = errors.New("not a cursor: it is copied whole from what a list printed last")

// Behind returns the cursor behind an entry.
func Behind(entry Entry) Cursor { return Cursor{entry.ID} }

// IsZero reports whether it is the beginning.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// String is the cursor's text, whose form may change.
func (c Cursor) String() string { return strconv.FormatInt(c.id, 36) }

// MarshalText returns String.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads String. The error is ErrCursor.
func (c *Cursor) UnmarshalText(text []byte) error {
	id, err := strconv.ParseInt(string(text), 36, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 36) != string(text) {
		return ErrCursor
	}
	c.id = id
	return nil
}
