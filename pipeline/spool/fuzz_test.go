package spool

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// FuzzScanner scans arbitrary bytes as a segment: the pieces cover it without a gap,
// and each piece that is not damaged is a valid record.
func FuzzScanner(f *testing.F) {
	whole := segmentOf(f, "first", "second", "third")[headerBytes:]
	f.Add(whole)
	f.Add(whole[1:])
	f.Add(whole[:len(whole)-1])
	f.Add(append(append([]byte("rubbish"), whole...), marker...))
	f.Add(bytes.Repeat([]byte(marker), 100))
	f.Add(make([]byte, 100))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		pieces := scanner{source: bytes.NewReader(data), end: int64(len(data))}
		offset := int64(0)
		for {
			found, err := pieces.next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			require.Equal(t, offset, found.offset)
			require.Greater(t, found.next, offset)
			offset = found.next
			if !found.damaged {
				require.Equal(t, data[found.offset:found.next], appendRecord(nil, found.content, found.at))
			}
		}
		require.EqualValues(t, len(data), offset)
	})
}

// FuzzOpen opens arbitrary bytes as a segment: the readable records are drained once,
// and records that are appended afterwards are drained after them.
func FuzzOpen(f *testing.F) {
	whole := segmentOf(f, "first", "second", "third")
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(whole[:headerBytes-1])
	f.Add(append(whole[:headerBytes+30:headerBytes+30], whole...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkHeader(data) != nil {
			return
		}
		log, _ := openWith(t, data)
		waiting := log.State().Records
		appendAll(t, log, "appended")
		got := drain(t, log)
		require.EqualValues(t, waiting+1, len(got))
		require.Equal(t, "appended", got[len(got)-1])
		require.Zero(t, log.State().Records)
	})
}

// FuzzDecodeEntry decodes arbitrary bytes as the content of a record.
func FuzzDecodeEntry(f *testing.F) {
	f.Add(entry{id: uuid.Must(uuid.NewV7()), topic: "clicks", payload: []byte(`{}`)}.encode())
	f.Add([]byte{})
	f.Add(make([]byte, 17))
	f.Add(bytes.Repeat([]byte{0xff}, 300))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeEntry(data)
		if err != nil {
			require.ErrorIs(t, err, errNoEntry)
			return
		}
		require.Equal(t, data, e.encode())
		require.NotEmpty(t, e.topic)
		require.NotEmpty(t, e.payload)
	})
}
