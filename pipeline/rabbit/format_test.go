package rabbit

import (
	"bytes"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
)

func batchOf(items ...outgoing) []byte { return appendBatch(nil, items) }

func TestABatchIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	items := []outgoing{
		{},
		{uuid: "id", payload: []byte("payload")},
		{uuid: "other", metadata: message.Metadata{"a": "1", "": "empty key", "empty value": ""}, payload: bytes.Repeat([]byte{0}, 300)},
	}
	body := batchOf(items...)
	size := 0
	for _, item := range items {
		size += item.size()
	}
	require.LessOrEqual(t, len(body), size+6, "size bounds what a batch weighs")
	messages, err := decodeBatch(body)
	require.NoError(t, err)
	require.Len(t, messages, len(items))
	for i, msg := range messages {
		want := message.NewMessage(items[i].uuid, items[i].payload)
		want.Metadata = items[i].metadata
		require.True(t, msg.Equals(want), "message %d", i)
	}
}

func TestAHitOfABatchCannotWriteIntoItsNeighbour(t *testing.T) {
	t.Parallel()
	messages, err := decodeBatch(batchOf(outgoing{payload: []byte("one")}, outgoing{payload: []byte("two")}))
	require.NoError(t, err)
	_ = append(messages[0].Payload, "!!!!!!!!"...)
	require.Equal(t, "two", string(messages[1].Payload))
}

func TestATruncatedBatchIsNeverDecoded(t *testing.T) {
	t.Parallel()
	body := batchOf(
		outgoing{uuid: "first", metadata: message.Metadata{"key": "value"}, payload: []byte("payload")},
		outgoing{uuid: "second", payload: []byte("payload")},
	)
	for n := range body {
		_, err := decodeBatch(body[:n])
		require.Error(t, err, "the first %d of %d bytes", n, len(body))
	}
}

// A decoder that trusted a length in a body could be made to allocate all memory.
func TestDecodingAllocatesInProportionToTheBody(t *testing.T) {
	t.Parallel()
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 255, 127}
	for name, body := range map[string][]byte{
		"count":    append([]byte{batchVersion}, huge...),
		"uuid":     append([]byte{batchVersion, 1}, huge...),
		"metadata": append([]byte{batchVersion, 1, 0}, huge...),
		"payload":  append([]byte{batchVersion, 1, 0, 0}, huge...),
	} {
		_, err := decodeBatch(append(body, make([]byte, 16)...))
		require.ErrorIs(t, err, errTruncatedBatch, name)
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{batchVersion, 0})
	f.Add(batchOf(outgoing{}))
	f.Add(batchOf(outgoing{uuid: "id", payload: []byte("payload")}, outgoing{metadata: message.Metadata{"k": "v"}}))
	f.Add(append([]byte{batchVersion}, bytes.Repeat([]byte{255}, 20)...))
	f.Fuzz(func(t *testing.T, body []byte) {
		messages, err := decodeBatch(body)
		if err != nil {
			if messages != nil {
				t.Fatal("messages besides an error")
			}
			return
		}
		if len(messages) == 0 || len(messages) > len(body)/smallestHit {
			t.Fatalf("%d messages in %d bytes", len(messages), len(body))
		}
		items := make([]outgoing, len(messages))
		for i, msg := range messages {
			items[i] = outgoing{uuid: msg.UUID, metadata: msg.Metadata, payload: msg.Payload}
		}
		again, err := decodeBatch(appendBatch(nil, items))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		for i := range messages {
			if !messages[i].Equals(again[i]) {
				t.Fatalf("message %d changed", i)
			}
		}
	})
}

func BenchmarkBatch(b *testing.B) {
	items := make([]outgoing, 128)
	for i := range items {
		items[i] = outgoing{uuid: "01936b1f-7c3a-7000-8000-000000000000", payload: make([]byte, 500)}
	}
	var body []byte
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			body = appendBatch(body[:0], items)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeBatch(body); err != nil {
				b.Fatal(err)
			}
		}
	})
}
