package receiver

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
)

// plainBody decompresses a body that is compressed by gzip or deflate, and converts it to
// UTF-8 when a byte order mark says that it is UTF-16. It returns at most limit bytes, as
// far as they can be read. It returns any other body unchanged, and inflates a body that
// is compressed twice two times.
func plainBody(body []byte, coding string, limit int) []byte {
	coding = strings.ToLower(coding)
	for range 2 {
		text := inflated(body, coding, limit)
		if text == nil {
			break
		}
		body, coding = text, strings.Replace(coding, "deflate", "", 1)
	}
	body = body[:min(len(body), limit)]
	switch {
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}):
		return utf8Of(body[2:], binary.LittleEndian)
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return utf8Of(body[2:], binary.BigEndian)
	}
	return body
}

// inflated returns the content of a body that is gzip or, by its coding, deflate, with or
// without the header of zlib, because senders write both. It returns nil for any other
// body.
func inflated(body []byte, coding string, limit int) []byte {
	var reader io.Reader
	var err error
	switch {
	case bytes.HasPrefix(body, []byte{0x1f, 0x8b}):
		reader, err = gzip.NewReader(bytes.NewReader(body))
	case !strings.Contains(coding, "deflate"):
		return nil
	default:
		if reader, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			reader, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	}
	if err != nil {
		return nil
	}
	// An error means that the body is cut off or damaged; the content before it counts.
	text, _ := io.ReadAll(io.LimitReader(reader, int64(limit)))
	if len(text) == 0 {
		return nil
	}
	return text
}

func utf8Of(body []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
