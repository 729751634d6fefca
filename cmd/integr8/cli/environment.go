package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// environment gives the flags that the command line leaves out the values of
// their twins. It takes the place of kong's own way, which reads the process
// environment and quotes the value in its errors, secrets included.
type environment struct {
	lookup func(string) (string, bool)
	twins  map[*kong.Value]string
	// used names the variable that a flag's value came from.
	used map[string]string
}

// adopt takes the twins out of the grammar before kong acts on them.
func (e *environment) adopt(parser *kong.Kong) error {
	e.twins, e.used = map[*kong.Value]string{}, map[string]string{}
	for _, flag := range parser.Model.Flags {
		if len(flag.Tag.Envs) == 0 {
			continue
		}
		name := flag.Tag.Envs[0]
		e.twins[flag.Value] = name
		flag.Tag.Envs, flag.Envs = nil, nil
		flag.Help = fmt.Sprintf("%s%s $%s", flag.Help, describeDefault(flag), name)
	}
	return nil
}

func describeDefault(flag *kong.Flag) string {
	if flag.Default == "" {
		return ""
	}
	return fmt.Sprintf(" Default %s.", flag.Default)
}

// resolve answers a flag's value from the environment. A variable that is set
// but empty counts as not set, as compose files leave them.
func (e *environment) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name, ok := e.twins[flag.Value]
	if !ok {
		return nil, nil
	}
	value, ok := e.lookup(name)
	if !ok || value == "" {
		return nil, nil
	}
	e.used[flag.Name] = name
	return value, nil
}

// warnOfTyped tells of secrets on the command line, where others can read them.
func (e *environment) warnOfTyped(inv *invocation, parsed *kong.Context) {
	for _, flag := range parsed.Flags() {
		switch flag.Name {
		case "secret", "admin-password", "database-url", "amqp-url":
			if flag.Set && e.used[flag.Name] == "" && e.twins[flag.Value] != "" {
				inv.warn("--%s stands in the list of processes and in the shell's history: set %s instead", flag.Name, e.twins[flag.Value])
			}
		}
	}
}

// explain adds to an error about a flag that nobody typed where its value came
// from.
func (e *environment) explain(err error) error {
	flag, about := strings.CutPrefix(err.Error(), "--")
	if end := strings.IndexAny(flag, ":= "); about && end > 0 {
		if name, ok := e.used[flag[:end]]; ok {
			return fmt.Errorf("%w (from %s)", err, name)
		}
	}
	return err
}
