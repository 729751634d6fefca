package cli

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// parsedGrammar returns the grammar without running anything.
func parsedGrammar(t *testing.T) *kong.Application {
	t.Helper()
	var tree grammar
	parser, err := kong.New(&tree, kong.Name("integr8"), kong.ExplicitGroups(settingGroups),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(decodeDuration)))
	require.NoError(t, err)
	return parser.Model
}

func TestEveryCommandFlagAndArgumentIsExplained(t *testing.T) {
	t.Parallel()
	var visit func(node *kong.Node)
	visit = func(node *kong.Node) {
		if node.Type != kong.ApplicationNode {
			require.NotEmpty(t, node.Help, node.FullPath())
			require.True(t, strings.HasSuffix(node.Help, "."), "%s: %s", node.FullPath(), node.Help)
		}
		for _, flag := range node.Flags {
			require.NotEmpty(t, flag.Help, "%s --%s", node.FullPath(), flag.Name)
			require.True(t, strings.HasSuffix(flag.Help, "."), "%s --%s: %s", node.FullPath(), flag.Name, flag.Help)
		}
		for _, argument := range node.Positional {
			require.NotEmpty(t, argument.Help, "%s %s", node.FullPath(), argument.Name)
		}
		for _, child := range node.Children {
			visit(child)
		}
	}
	visit(parsedGrammar(t).Node)
}

func TestEverySettingHasATwinInTheEnvironmentThatHelpNames(t *testing.T) {
	t.Parallel()
	help := (&program{t: t}).succeed("--help")
	words := strings.Fields(help)
	for _, flag := range parsedGrammar(t).Flags {
		if flag.Name == "help" || flag.Name == "version" {
			continue
		}
		require.Len(t, flag.Envs, 1, flag.Name)
		require.Contains(t, words, "$"+flag.Envs[0])
		require.Contains(t, help, "--"+flag.Name)
		if flag.Default != "" {
			require.Contains(t, words, flag.Default+".", "the default of --%s", flag.Name)
		}
	}
}

func TestHelpListsEveryCommand(t *testing.T) {
	t.Parallel()
	help := (&program{t: t}).succeed("--help")
	for _, command := range strings.Fields("up receive work web migrate topology account advertiser publisher offer domain token key " +
		"dead queues trace report doctor healthcheck version completion help") {
		require.Regexp(t, `(?m)^  `+command+` `, help)
	}
}

func TestHelpOfACommandNamesItsOwnFlagsFirst(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	require.Contains(t, p.succeed("offer", "create", "--help"), "--destination=URL")
	require.NotContains(t, p.succeed("offer", "create", "--help"), "--trusted-proxies")
	require.Contains(t, p.succeed("receive", "--help"), "--trusted-proxies")
}

func TestBadUsageExitsWithTwoAndSaysWhereToRead(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	for _, args := range [][]string{
		{}, {"nonsense"}, {"offer"}, {"account", "create"}, {"account", "create", "--nmae", "x"},
		{"account", "show", "one"}, {"version", "surplus"}, {"--log-level", "loud", "version"},
		{"publisher", "edit", "1"}, {"publisher", "edit", "1", "--status", "asleep"}, {"token", "show"},
		{"token", "edit", "1", "--valid-until", "soon"}, {"offer", "edit", "1"},
		offerArguments("--payout", "2,50"), offerArguments("--currency", "money"), offerArguments("--window", "0"),
		{"offer", "edit", "1", "--publisher", "1", "--name", "x"}, {"offer", "edit", "1", "--clear-override"},
	} {
		got := p.run(args...)
		require.Equal(t, exitUsage, got.code, "%v", args)
		require.Empty(t, got.stdout, "%v", args)
		require.Regexp(t, `^integr8: .+\nhint: see: integr8.* --help\n$`, got.stderr, "%v", args)
	}
}

func TestAFlagWinsOverTheEnvironmentAndEmptyCountsAsUnset(t *testing.T) {
	t.Parallel()
	p := &program{t: t, environment: map[string]string{"INTEGR8_LOG_FORMAT": "xml", "INTEGR8_PREFETCH": ""}}
	got := p.run("version")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.stderr, "(from INTEGR8_LOG_FORMAT)")
	p.succeed("version", "--log-format", "json")
}

func TestVersionSaysWhatItWasBuiltFrom(t *testing.T) {
	t.Parallel()
	answer := (&program{t: t}).object("version")
	require.Contains(t, answer, "version")
	require.Contains(t, answer, "revision")
	require.Contains(t, answer["go"], "go1.")
}
