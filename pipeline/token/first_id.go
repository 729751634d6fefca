package token

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// TimeBytes is how many leading bytes of a transaction_id or of a receipt, a UUIDv7,
// hold its time: 48 bits of Unix milliseconds.
const TimeBytes = 6

// FirstID returns the smallest id that a click or a hit of a time can have.
func FirstID(at time.Time) uuid.UUID {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	var id uuid.UUID
	copy(id[:TimeBytes], ms[len(ms)-TimeBytes:])
	return id
}
