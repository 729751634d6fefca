package tool_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/tool"
)

type commands struct {
	Answer answer `cmd:"" help:"Return an error."`
}

type answer struct{ err error }

func (a *answer) Run(_ context.Context, out *tool.Output) error {
	out.Say("begins")
	return a.err
}

func TestTheExitCodeFollowsTheEnd(t *testing.T) {
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	for name, test := range map[string]struct {
		ctx    context.Context
		err    error
		args   []string
		code   int
		stderr string
	}{
		"success":              {t.Context(), nil, []string{"answer"}, 0, "tester: begins\n"},
		"a failure":            {t.Context(), errors.New("no luck"), []string{"answer"}, 1, "tester: begins\ntester: no luck\n"},
		"a code of its own":    {t.Context(), tool.ExitCode(7), []string{"answer"}, 7, "tester: begins\n"},
		"an interrupt":         {interrupted, context.Canceled, []string{"answer"}, 130, "tester: begins\ntester: interrupted\n"},
		"a failed interrupt":   {interrupted, errors.New("no luck"), []string{"answer"}, 1, "tester: begins\ntester: no luck\n"},
		"an unknown command":   {t.Context(), nil, []string{"ask"}, 2, "tester: unexpected argument ask\nTry: tester --help\n"},
		"a question for usage": {t.Context(), nil, []string{"--help"}, 0, ""},
	} {
		var stdout, stderr bytes.Buffer
		code := tool.Run(test.ctx, "tester", "Tests.", &commands{answer{test.err}}, test.args, &stdout, &stderr)
		require.Equal(t, test.code, code, name)
		require.Equal(t, test.stderr, stderr.String(), name)
	}
}
