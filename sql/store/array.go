package store

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq/oid"
)

// columns turns rows into parameters: one array for each column, in Postgres'
// binary form, which pq sends as it is because it is a []byte. Compared with
// JSON or with array literals, neither side prints or parses anything. Of a
// column that ends in OrNull, zero values are NULL, and those at the end are
// left out: unnest fills up columns that are shorter than others with NULL, and
// most columns of details hold nothing else.
type columns[R any] []R

func (c columns[R]) uuids(of func(R) uuid.UUID) []byte { return array(c, oid.T_uuid, of, putUUID) }

func (c columns[R]) uuidsOrNull(of func(R) uuid.UUID) []byte {
	return arrayOrNull(c, oid.T_uuid, of, putUUID)
}

func (c columns[R]) bigints(of func(R) int64) []byte { return array(c, oid.T_int8, of, putBigint) }

func (c columns[R]) bigintsOrNull(of func(R) int64) []byte {
	return arrayOrNull(c, oid.T_int8, of, putBigint)
}

func (c columns[R]) texts(of func(R) string) []byte { return array(c, oid.T_text, of, putText) }

func (c columns[R]) textsOrNull(of func(R) string) []byte {
	return arrayOrNull(c, oid.T_text, of, putText)
}

func (c columns[R]) times(of func(R) time.Time) []byte {
	return array(c, oid.T_timestamptz, of, putTime)
}

func (c columns[R]) timesOrNull(of func(R) time.Time) []byte {
	return arrayOrNull(c, oid.T_timestamptz, of, putTime)
}

func (c columns[R]) jsons(of func(R) []byte) []byte { return array(c, oid.T_json, of, putBytes) }

func (c columns[R]) byteas(of func(R) []byte) []byte { return array(c, oid.T_bytea, of, putBytes) }

func (c columns[R]) booleans(of func(R) bool) []byte { return array(c, oid.T_bool, of, putBoolean) }

// uuidArray is the array of ids of either kind.
func uuidArray[ID ~[16]byte](ids []ID) []byte {
	return columns[ID](ids).uuids(func(id ID) uuid.UUID { return uuid.UUID(id) })
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

// nullLength is -1: the length of an element that is NULL.
const nullLength = 1<<32 - 1

// arrayHeader begins an array of one dimension, whose index begins at 1.
func arrayHeader(element oid.Oid, length int, flags uint32) []byte {
	const dimensions, lowerBound, headerBytes = 1, 1, 20
	data := make([]byte, 0, headerBytes+length*usualBytes(element))
	for _, field := range []uint32{dimensions, flags, uint32(element), uint32(length), lowerBound} {
		data = binary.BigEndian.AppendUint32(data, field)
	}
	return data
}

// usualBytes is about what an element takes, so that arrays rarely grow.
func usualBytes(element oid.Oid) int {
	const requestBytes, otherBytes = 640, 4 + 16
	if element == oid.T_json || element == oid.T_bytea {
		return requestBytes
	}
	return otherBytes
}

// putElement puts the length of a value before it.
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

// putText replaces what is not UTF-8: the text of an error may hold anything.
func putText(data []byte, text string) []byte {
	return append(data, strings.ToValidUTF8(text, "\uFFFD")...)
}

// postgresEpoch is the moment from which Postgres counts microseconds.
var postgresEpoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func putTime(data []byte, at time.Time) []byte { return putBigint(data, at.UnixMicro()-postgresEpoch) }
