package ledger

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestLedgerFileHoldsEveryEntryAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	book, err := Create(path)
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	want := []Entry{
		{Request: Request{Seq: book.Next(), SentAt: at, Receiver: "a", Method: "GET", Path: "/click", Form: Query,
			Params: []Pair{{"offer", "1"}, {"offer", "2"}}}, Answer: Answer{Fate: Answered, Status: 302, Receipt: "r", Took: time.Second}},
		{Request: Request{Seq: book.Next(), SentAt: at, Again: 1}, Answer: Answer{Fate: Unknown, Error: "reset"}},
	}
	for _, entry := range want {
		book.Add(entry)
	}
	require.NoError(t, book.Close())
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var got []Entry
	for decoder := json.NewDecoder(file); decoder.More(); {
		var entry Entry
		require.NoError(t, decoder.Decode(&entry))
		got = append(got, entry)
	}
	require.Empty(t, cmp.Diff(want, got))
	require.True(t, got[0].Answer.Accepted())
	require.False(t, got[1].Answer.Accepted())
	require.Equal(t, "1", got[0].Get("offer"))
}
