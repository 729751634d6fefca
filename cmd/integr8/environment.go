package main

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kong"
)

// environment gives the flags that the command line leaves out the values of
// their twins. It takes the place of kong's own way, which reads the process
// environment and quotes the value in its errors, secrets included.
type environment struct {
	lookup func(string) (string, bool)
	twins  map[*kong.Value]string
	last   string
}

// adopt takes the twins out of the grammar before kong acts on them.
func (e *environment) adopt(parser *kong.Kong) error {
	e.twins = map[*kong.Value]string{}
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
	e.last = name
	return value, nil
}

// explain adds to an error of parsing where the value came from.
func (e *environment) explain(err error) error {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.ExitCode() == exitFailed && e.last != "" {
		return fmt.Errorf("%w (from %s)", err, e.last)
	}
	return err
}
