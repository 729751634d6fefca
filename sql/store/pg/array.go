package pg

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq/oid"
)

// Column encodes one column of rows as an array in Postgres' binary format. pq sends it
// unchanged because it is a []byte. Unlike JSON and array literals, it needs no
// formatting here and no parsing in the server. In a column whose name ends in OrNull,
// zero values are NULL, and those at the end are left out: unnest fills columns
// that are shorter than others with NULL, and most columns of details contain only
// NULL.
type Column[R any] func(rows []R) []byte

// UUIDs is a column of type uuid[].
func UUIDs[R any](of func(R) uuid.UUID) Column[R] { return column(oid.T_uuid, of, putUUID) }

// UUIDsOrNull is UUIDs with NULL for uuid.Nil.
func UUIDsOrNull[R any](of func(R) uuid.UUID) Column[R] { return columnOrNull(oid.T_uuid, of, putUUID) }

// Bigints is a column of type bigint[].
func Bigints[R any](of func(R) int64) Column[R] { return column(oid.T_int8, of, putBigint) }

// BigintsOrNull is Bigints with NULL for 0.
func BigintsOrNull[R any](of func(R) int64) Column[R] { return columnOrNull(oid.T_int8, of, putBigint) }

// Texts is a column of type text[]. Invalid UTF-8 is replaced.
func Texts[R any](of func(R) string) Column[R] { return column(oid.T_text, of, putText) }

// TextsOrNull is Texts with NULL for the empty text.
func TextsOrNull[R any](of func(R) string) Column[R] { return columnOrNull(oid.T_text, of, putText) }

// Times is a column of type timestamptz[], with a precision of microseconds.
func Times[R any](of func(R) time.Time) Column[R] { return column(oid.T_timestamptz, of, putTime) }

// TimesOrNull is Times with NULL for the zero time.
func TimesOrNull[R any](of func(R) time.Time) Column[R] {
	return columnOrNull(oid.T_timestamptz, of, putTime)
}

// JSONs is a column of type json[].
func JSONs[R any](of func(R) []byte) Column[R] { return column(oid.T_json, of, putBytes) }

// Byteas is a column of type bytea[].
func Byteas[R any](of func(R) []byte) Column[R] { return column(oid.T_bytea, of, putBytes) }

// Booleans is a column of type boolean[].
func Booleans[R any](of func(R) bool) Column[R] { return column(oid.T_bool, of, putBoolean) }

// Bits is a column of type varbit[]. Each value is whole bytes.
func Bits[R any](of func(R) []byte) Column[R] { return column(oid.T_varbit, of, putBits) }

// Numbers encodes numbers as a bigint[].
func Numbers(numbers []int64) []byte {
	return array(numbers, oid.T_int8, func(n int64) int64 { return n }, putBigint)
}

// IDs encodes ids as a uuid[].
func IDs[ID ~[16]byte](ids []ID) []byte {
	return array(ids, oid.T_uuid, func(id ID) uuid.UUID { return uuid.UUID(id) }, putUUID)
}

func column[R, T any](element oid.Oid, of func(R) T, put func([]byte, T) []byte) Column[R] {
	return func(rows []R) []byte { return array(rows, element, of, put) }
}

func columnOrNull[R any, T comparable](element oid.Oid, of func(R) T, put func([]byte, T) []byte) Column[R] {
	return func(rows []R) []byte { return arrayOrNull(rows, element, of, put) }
}

func array[R, T any](rows []R, element oid.Oid, of func(R) T, put func([]byte, T) []byte) []byte {
	data := arrayHeader(element, len(rows), 0)
	for _, row := range rows {
		data = putElement(data, of(row), put)
	}
	return data
}

func arrayOrNull[R any, T comparable](rows []R, element oid.Oid, of func(R) T, put func([]byte, T) []byte) []byte {
	const mayHoldNull = 1
	var zero T
	for len(rows) > 0 && of(rows[len(rows)-1]) == zero {
		rows = rows[:len(rows)-1]
	}
	data := arrayHeader(element, len(rows), mayHoldNull)
	for _, row := range rows {
		if value := of(row); value != zero {
			data = putElement(data, value, put)
		} else {
			data = binary.BigEndian.AppendUint32(data, nullLength)
		}
	}
	return data
}

// nullLength is -1, the length of a NULL element.
const nullLength = 1<<32 - 1

// arrayHeader returns the header of an array with one dimension, whose index begins at 1.
func arrayHeader(element oid.Oid, length int, flags uint32) []byte {
	const dimensions, lowerBound, headerBytes = 1, 1, 20
	data := make([]byte, 0, headerBytes+length*usualBytes(element))
	for _, field := range []uint32{dimensions, flags, uint32(element), uint32(length), lowerBound} {
		data = binary.BigEndian.AppendUint32(data, field)
	}
	return data
}

// usualBytes returns about the size of an element, so that arrays rarely grow.
func usualBytes(element oid.Oid) int {
	const documentBytes, otherBytes = 640, 4 + 16 // a hit as JSON; a length and a uuid
	switch element {
	case oid.T_json, oid.T_bytea, oid.T_varbit:
		return documentBytes
	}
	return otherBytes
}

// putElement appends the length of a value and the value.
func putElement[T any](data []byte, value T, put func([]byte, T) []byte) []byte {
	at := len(data)
	data = put(append(data, 0, 0, 0, 0), value)
	binary.BigEndian.PutUint32(data[at:], uint32(len(data)-at-4))
	return data
}

func putUUID(data []byte, id uuid.UUID) []byte { return append(data, id[:]...) }

func putBigint(data []byte, n int64) []byte { return binary.BigEndian.AppendUint64(data, uint64(n)) }

func putBoolean(data []byte, is bool) []byte {
	if is {
		return append(data, 1)
	}
	return append(data, 0)
}

func putBytes(data, value []byte) []byte { return append(data, value...) }

// putBits writes the length in bits and the bits.
func putBits(data, bits []byte) []byte {
	return append(binary.BigEndian.AppendUint32(data, uint32(8*len(bits))), bits...)
}

// putText replaces invalid UTF-8, because the text of an error may hold any bytes.
func putText(data []byte, text string) []byte {
	return append(data, strings.ToValidUTF8(text, "\uFFFD")...)
}

// postgresEpoch is the time from which Postgres counts microseconds.
var postgresEpoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func putTime(data []byte, at time.Time) []byte { return putBigint(data, at.UnixMicro()-postgresEpoch) }
