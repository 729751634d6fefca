package main

import (
	"testing"

	"integr8/cmd/internal/tool"

	"github.com/stretchr/testify/require"
)

func TestRunReportsHowTheProgramEnded(t *testing.T) {
	require.NoError(t, runProgram([]string{"true"}, nil))
	require.Equal(t, tool.ExitCode(3), runProgram([]string{"sh", "-c", "exit 3"}, nil))
	require.Equal(t, tool.ExitCode(143), runProgram([]string{"sh", "-c", "kill -TERM $$"}, nil))
	require.ErrorContains(t, runProgram([]string{"/no/such/program"}, nil), "/no/such/program")
}
