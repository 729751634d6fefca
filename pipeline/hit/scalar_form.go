package hit

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// identity is the form of a UUID, which is empty where it is the nil UUID.
type identity func(*Hit) *uuid.UUID

func (at identity) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	value := *at(h)
	if value == uuid.Nil && empty == omitted {
		return data, nil
	}
	return appendPlain(append(data, key...), value.String()), nil
}

func (at identity) readPlain(rest string, h *Hit) (after string, ok bool) {
	value, after, ok := plainText(rest)
	if !ok {
		return "", false
	}
	parsed, err := uuid.Parse(value)
	*at(h) = parsed
	return after, err == nil
}

// hexadecimal is the form of bytes that are written as hex digits. They are empty
// where all of them are 0.
type hexadecimal func(*Hit) []byte

func (at hexadecimal) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	value := at(h)
	if empty == omitted && isZero(value) {
		return data, nil
	}
	data = append(append(data, key...), '"')
	return append(hex.AppendEncode(data, value), '"'), nil
}

func isZero(bytes []byte) bool {
	for _, b := range bytes {
		if b != 0 {
			return false
		}
	}
	return true
}

func (at hexadecimal) readPlain(rest string, h *Hit) (after string, ok bool) {
	digits, after, ok := plainText(rest)
	into := at(h)
	if !ok || len(digits) != hex.EncodedLen(len(into)) {
		return "", false
	}
	_, err := hex.Decode(into, []byte(digits))
	return after, err == nil
}

// number is the form of a number, which is empty where it is 0.
type number func(*Hit) *int64

func (at number) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	value := *at(h)
	if value == 0 && empty == omitted {
		return data, nil
	}
	return strconv.AppendInt(append(data, key...), value, 10), nil
}

// readPlain reads a number above 0, as only they are written.
func (at number) readPlain(rest string, h *Hit) (after string, ok bool) {
	end := 0
	for end < len(rest) && '0' <= rest[end] && rest[end] <= '9' {
		end++
	}
	value, err := strconv.ParseInt(rest[:end], 10, 64)
	if err != nil || rest[0] == '0' {
		return "", false
	}
	*at(h) = value
	return rest[end:], true
}

// flag is the form of a flag. It is written where it is set.
type flag func(*Hit) *bool

func (at flag) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	if !*at(h) && empty == omitted {
		return data, nil
	}
	return strconv.AppendBool(append(data, key...), *at(h)), nil
}

func (at flag) readPlain(rest string, h *Hit) (after string, ok bool) {
	after, *at(h) = strings.CutPrefix(rest, "true")
	return after, *at(h)
}

// instant is the form of a time, in RFC 3339 with nanoseconds. It is empty where it is
// the zero time.
type instant func(*Hit) *time.Time

func (at instant) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	if empty == omitted && at(h).IsZero() {
		return data, nil
	}
	data, err := at(h).AppendText(append(append(data, key...), '"'))
	return append(data, '"'), err
}

// readPlain reads a time in UTC. Package time by itself takes more forms than
// RFC 3339, which package json does not.
func (at instant) readPlain(rest string, h *Hit) (after string, ok bool) {
	const form, zone = "2006-01-02T15:04:05", "Z"
	value, after, ok := plainText(rest)
	if !ok || len(value) < len(form+zone) || value[13] != ':' || value[16] != ':' || value[len(form)] != '.' && value[len(form):] != zone {
		return "", false
	}
	err := at(h).UnmarshalText([]byte(value))
	return after, err == nil
}
