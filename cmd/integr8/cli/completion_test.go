package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// completed are the words that the program offers a shell.
func completed(p *program, words ...string) []string {
	p.t.Helper()
	offered := []string{}
	for line := range strings.Lines(p.succeed(append([]string{completeWord}, words...)...)) {
		word, _, _ := strings.Cut(line, "\t")
		offered = append(offered, word)
	}
	return offered
}

func TestCompletionOffersWhatCanComeNext(t *testing.T) {
	t.Parallel()
	// Settings that are wrong are for the command to report.
	p := &program{t: t, environment: map[string]string{"INTEGR8_LOG_FORMAT": "xml"}}
	for _, step := range []struct {
		words string
		want  []string
	}{
		{"off", []string{"offer"}},
		{"offer ", []string{"create", "list", "show", "edit"}},
		{"offer cr", []string{"create"}},
		{"offer create --dest", []string{"--destination"}},
		{"offer edit 1 --no-own", []string{"--no-own-amounts"}},
		{"offer create --destination x --status ", []string{"active", "paused"}},
		{"offer create --status=p", []string{"--status=paused"}},
		{"offer create --status = p", []string{"paused"}}, // as bash splits it
		{"offer create --status =", []string{"active", "paused"}},
		{"dead list --kind c", []string{"click", "clickless"}},
		{"dead list --reason unknown_t", []string{"unknown_token"}},
		{"dead show 00 --j", []string{"--json"}},
		{"completion ", []string{"bash", "zsh", "fish"}},
		{"--log-f", []string{"--log-format"}},
		{"offer list --log-f", []string{}}, // as in its help
		{"receive --log-format ", []string{"text", "json"}},
		{"nonsense ", []string{}},
		{"doctor x ", []string{}},
		{"account create --name ", []string{}},
	} {
		require.Equal(t, step.want, completed(p, strings.Split(step.words, " ")...), "%q", step.words)
	}
	require.Contains(t, completed(p), "trace")
	require.NotContains(t, completed(p), completeWord)
}

func TestCompletionWorksInBash(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	offered := p.succeed(completeWord, "dead", "list", "--kind", "=", "c")
	// A stand-in for the program returns what the program did, if it is asked the same.
	bin := t.TempDir()
	stand := "#!/bin/sh\n[ \"$*\" = '" + completeWord + " dead list --kind = c' ] && printf '" + strings.ReplaceAll(offered, "\t", `\t`) + "'\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "integr8"), []byte(stand), 0o755))
	script := p.succeed("completion", "bash") + `
COMP_WORDS=(integr8 dead list --kind = c) COMP_CWORD=5
_integr8 ` + filepath.Join(bin, "integr8") + `
printf '%s ' "${COMPREPLY[@]}"`
	out, err := exec.CommandContext(t.Context(), "bash", "-c", script).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "click clickless ", string(out))
}

func TestEachShellHasACompletionScript(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		require.Contains(t, p.succeed("completion", shell), "integr8 ", shell)
	}
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}, {"completion", ""}} {
		require.Equal(t, exitUsage, p.run(args...).code, "%v", args)
	}
}

func TestHelpIsShownHoweverItIsAskedFor(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	of := func(args ...string) string { return p.succeed(append(args, "--help")...) }
	for _, step := range []struct {
		asked []string
		want  string
	}{
		{[]string{"help"}, of()},
		{[]string{"help", "offer"}, of("offer")},
		{[]string{"help", "offer", "create"}, of("offer", "create")},
		{[]string{"offer", "help"}, of("offer")},
		{[]string{"offer", "help", "create"}, of("offer", "create")},
		{[]string{"offer", "create", "help"}, of("offer", "create")},
		{[]string{"doctor", "help"}, of("doctor")},
		{[]string{"help", "trace"}, of("trace")},
		{[]string{"--log-level", "debug", "help", "offer"}, of("offer")},
	} {
		require.Equal(t, step.want, p.succeed(step.asked...), "%v", step.asked)
	}
	for _, args := range [][]string{{"help", "nonsense"}, {"help", "offer", "nonsense"}, {"offer", "help", "nonsense"}, {"trace", "help"}} {
		got := p.run(args...)
		require.Equal(t, exitUsage, got.code, "%v", args)
		require.Contains(t, got.stderr, "\nhint: see: integr8", "%v", args)
	}
}

func TestTheVersionFlagPrintsALine(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--version"}, {"offer", "list", "--version"}} {
		require.Regexp(t, `^integr8 \S+ \(commit \w+, go1\.\S+\)\n$`, (&program{t: t}).succeed(args...))
	}
}
