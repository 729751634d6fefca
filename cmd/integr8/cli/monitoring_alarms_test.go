package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// monitoring is the directory of what Prometheus and Grafana read.
const monitoring = top + "/.monitoring"

// alarm is a rule of alarms.yml.
type alarm struct {
	Name        string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into), path)
}

func alarms(t *testing.T) []alarm {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []alarm `yaml:"rules"`
		} `yaml:"groups"`
	}
	readYAML(t, monitoring+"/alarms.yml", &file)
	var all []alarm
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

// prometheusProgram returns the path of a program of Debian's package prometheus.
func prometheusProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	require.NoError(t, err, "this test needs %s: run `make test`, or install the package prometheus", name)
	return path
}

func TestAlarmsFireAndRestAsTheirUnitTestsSay(t *testing.T) {
	t.Parallel()
	promtool := prometheusProgram(t, "promtool")
	directory, err := filepath.Abs(monitoring)
	require.NoError(t, err)
	for _, arguments := range [][]string{{"check", "rules", "alarms.yml"}, {"test", "rules", "alarms_test.yml"}} {
		command := exec.CommandContext(t.Context(), promtool, arguments...)
		command.Dir = directory
		printed, err := command.CombinedOutput()
		require.NoError(t, err, "promtool %s: %s", strings.Join(arguments, " "), printed)
	}
}

func TestEveryAlarmHasAUnitTestInWhichItFiresAndOneInWhichItDoesNot(t *testing.T) {
	t.Parallel()
	var file struct {
		Tests []struct {
			Checks []struct {
				Expr    string `yaml:"expr"`
				Samples []any  `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		} `yaml:"tests"`
	}
	readYAML(t, monitoring+"/alarms_test.yml", &file)
	fires, rests := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, check := range test.Checks {
			if len(check.Samples) > 0 {
				fires[check.Expr] = true
			} else {
				rests[check.Expr] = true
			}
		}
	}
	for _, one := range alarms(t) {
		firing := `ALERTS{alertname="` + one.Name + `", alertstate="firing"}`
		require.True(t, fires[firing], "no test in which %s fires", one.Name)
		require.True(t, rests[firing], "no test in which %s does not fire", one.Name)
		delete(fires, firing)
		delete(rests, firing)
	}
	require.Empty(t, fires, "tests of no alarm")
	require.Empty(t, rests, "tests of no alarm")
}

var (
	quotedCommand = regexp.MustCompile("`integr8 ([^`]+)`")
	ownMetric     = regexp.MustCompile(`integr8_[a-z_]+`)
)

func TestEveryAlarmSaysWhatToDoByCommandsThatExist(t *testing.T) {
	t.Parallel()
	known := knownMetrics(t)
	names := map[string]bool{}
	for _, one := range alarms(t) {
		require.False(t, names[one.Name], "%s is there twice", one.Name)
		names[one.Name] = true
		require.Contains(t, []string{"critical", "warning"}, one.Labels["severity"], one.Name)
		for _, annotation := range []string{"summary", "description", "runbook"} {
			require.NotEmpty(t, one.Annotations[annotation], "%s of %s", annotation, one.Name)
		}
		commands := quotedCommand.FindAllStringSubmatch(one.Annotations["runbook"], -1)
		require.NotEmpty(t, commands, "the runbook of %s names no command of integr8", one.Name)
		for _, command := range commands {
			requireCommand(t, command[1])
		}
		requireMetrics(t, known, one.Expr, one.Name)
	}
}

// requireCommand looks that a command exists, with its flags.
func requireCommand(t *testing.T, line string) {
	t.Helper()
	node := parsedGrammar(t).Node
	for word := range strings.FieldsSeq(line) {
		if flag, isFlag := strings.CutPrefix(word, "--"); isFlag {
			flag, _, _ = strings.Cut(flag, "=")
			require.True(t, hasFlag(node, flag), "integr8 %s: no flag --%s", line, flag)
			continue
		}
		if len(node.Children) == 0 {
			continue // an argument, or the value of a flag
		}
		child := childOf(node, word)
		require.NotNil(t, child, "integr8 %s: no command %s", line, word)
		node = child
	}
	require.True(t, len(node.Children) == 0 || node.DefaultCmd != nil, "integr8 %s is no whole command", line)
}

func hasFlag(node *kong.Node, name string) bool {
	for _, flag := range node.Flags {
		if flag.Name == name {
			return true
		}
	}
	return false
}

// knownMetrics are the names in README's table of metrics, which a test compares with
// what processes export.
func knownMetrics(t *testing.T) map[string]bool {
	t.Helper()
	readme, err := os.ReadFile(top + "/README.md")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, found := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\((\\w+)\\)").FindAllStringSubmatch(string(readme), -1) {
		known[found[1]] = true
		if found[2] == "histogram" {
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				known[found[1]+part] = true
			}
		}
	}
	require.Greater(t, len(known), 30)
	return known
}

// requireMetrics looks that the metrics of an expression exist.
func requireMetrics(t *testing.T, known map[string]bool, expr, of string) {
	t.Helper()
	for _, name := range ownMetric.FindAllString(expr, -1) {
		require.True(t, known[name], "%s reads %s, which nothing exports", of, name)
	}
}
