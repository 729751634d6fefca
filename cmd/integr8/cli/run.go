// Package cli is the command line of integr8: it parses arguments and settings,
// starts the processes, carries the operator's commands out and prints what they
// return.
package cli

import (
	"context"
	"io"
	"reflect"
	"time"

	"github.com/alecthomas/kong"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/version"
)

// The exit codes, as promised to scripts.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Run is the whole program. It parses the arguments, which begin after the
// program's name, carries the command out until it is done or ctx ends, and
// returns the exit code: 0, 1 for a failure, 2 for bad usage, 128 and the signal
// for a ctx of UntilInterrupted. It prints errors to stderr, each with a hint on
// what to do next. lookup stands for the environment, so that tests run programs
// side by side.
func Run(ctx context.Context, args []string, lookup func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	if err := prepareFaults(lookup); err != nil {
		return fail(stderr, exitUsage, err, nil)
	}
	var tree grammar
	environment := environment{lookup: lookup}
	exited, exitCode := false, exitOK
	parser, err := tree.parser(&environment, kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited, exitCode = true, code }))
	if err != nil {
		return fail(stderr, exitFailed, err, nil)
	}

	if len(args) > 0 && args[0] == completeWord {
		if err := complete(stdout, parser.Model.Node, args[1:]); err != nil {
			return fail(stderr, exitFailed, err, nil)
		}
		return exitOK
	}
	parsed, err := parser.Parse(askForHelp(parser.Model.Node, withNegatives(args)))
	if exited { // --help has been printed, and what followed does not count
		return exitCode
	}
	if err != nil {
		return fail(stderr, exitUsage, environment.explain(inPlainWords(err)), parsed)
	}

	inv := &invocation{settings: &tree.Settings, stdin: stdin, stdout: stdout, stderr: stderr, lookup: lookup}
	defer inv.close()
	environment.warnOfTyped(inv, parsed)
	code, err := inv.carryOut(ctx, parsed.Selected(), func(ctx context.Context) error {
		parsed.BindTo(history.By(ctx, inv.actor()), (*context.Context)(nil))
		return parsed.Run(inv)
	})
	if err != nil {
		return fail(stderr, code, inv.redact(err), parsed)
	}
	return code
}

// parser returns the parser of the command line, which fills the grammar.
func (g *grammar) parser(environment *environment, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(g, append(options,
		kong.Name("integr8"),
		kong.Description(description),
		kong.Vars{"version": version.Read().String()},
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 110}),
		kong.ExplicitGroups(settingGroups),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(decodeDuration)),
		kong.TypeMapper(reflect.TypeFor[int64](), kong.MapperFunc(decodeNumber)),
		kong.PostBuild(boundSettings),
		kong.PostBuild(environment.adopt),
		kong.Resolvers(kong.ResolverFunc(environment.resolve)),
	)...)
}
