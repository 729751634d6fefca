package books

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func example() Statement {
	return Statement{
		Identity: NewLedger(uuid.New()).Identity(), Topic: topic, After: 3, UpTo: 20,
		Withdrawn: []Span{{4, 4}, {7, 9}}, Spooled: 2, SentAt: now(),
	}
}

func TestAStatementIsDecodedAsItWasEncoded(t *testing.T) {
	want := example()
	text, err := want.Encode()
	require.NoError(t, err)
	require.True(t, IsStatement(text))
	got, err := DecodeStatement(text)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAStatementThatMakesNoSenseIsRefused(t *testing.T) {
	for name, harm := range map[string]func(*Statement){
		"no incarnation":      func(s *Statement) { s.Incarnation = 0 },
		"no home":             func(s *Statement) { s.Home = uuid.Nil },
		"no topic":            func(s *Statement) { s.Topic = "" },
		"a NUL":               func(s *Statement) { s.Topic = "a\x00" },
		"backwards":           func(s *Statement) { s.UpTo = 2 },
		"negative":            func(s *Statement) { s.After = -1 },
		"withdrawn before it": func(s *Statement) { s.Withdrawn[0] = Span{3, 4} },
		"withdrawn beyond it": func(s *Statement) { s.Withdrawn[1].Last = 21 },
		"withdrawn twice":     func(s *Statement) { s.Withdrawn[1].First = 4 },
		"withdrawn backwards": func(s *Statement) { s.Withdrawn[1].Last = 6 },
		"a negative spool":    func(s *Statement) { s.Spooled = -1 },
		"it was sent at no time": func(s *Statement) {
			s.SentAt = s.SentAt.AddDate(-s.SentAt.Year()+1, 1-int(s.SentAt.Month()), 1-s.SentAt.Day()).Truncate(24 * 3600e9)
		},
	} {
		s := example()
		harm(&s)
		text, err := s.Encode()
		require.NoError(t, err, name)
		_, err = DecodeStatement(text)
		require.Error(t, err, name)
	}
}

func FuzzDecodeStatement(f *testing.F) {
	text, err := example().Encode()
	require.NoError(f, err)
	f.Add(string(text))
	f.Add(statementMark + `"incarnation":1}`)
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := DecodeStatement([]byte(text))
		if err != nil {
			require.False(t, strings.Contains(err.Error(), "\n"))
			return
		}
		require.NoError(t, s.check())
		again, err := s.Encode()
		require.NoError(t, err)
		back, err := DecodeStatement(again)
		require.NoError(t, err)
		require.Equal(t, s, back)
	})
}
