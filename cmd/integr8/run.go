package main

import (
	"context"
	"io"
	"reflect"
	"time"

	"github.com/alecthomas/kong"
)

// The exit codes, as promised to scripts.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// run is the whole program: it parses the arguments, carries the command out
// until it is done or ctx ends, and answers the exit code. lookup stands for
// the environment, so that tests run programs side by side.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	if err := prepareFaults(lookup); err != nil {
		return fail(stderr, exitUsage, err, nil)
	}
	var grammar cli
	environment := environment{lookup: lookup}
	exited, exitCode := false, exitOK
	parser, err := kong.New(&grammar,
		kong.Name("integr8"),
		kong.Description(description),
		kong.Vars{"version": builtFrom().String()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited, exitCode = true, code }),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 110}),
		kong.ExplicitGroups(settingGroups),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(decodeDuration)),
		kong.TypeMapper(reflect.TypeFor[int64](), kong.MapperFunc(decodeNumber)),
		kong.PostBuild(boundSettings),
		kong.PostBuild(environment.adopt),
		kong.Resolvers(kong.ResolverFunc(environment.resolve)),
	)
	if err != nil {
		return fail(stderr, exitFailed, err, nil)
	}

	if len(args) > 0 && args[0] == completeWord {
		if err := complete(stdout, parser.Model.Node, args[1:]); err != nil {
			return fail(stderr, exitFailed, err, nil)
		}
		return exitOK
	}
	parsed, err := parser.Parse(askForHelp(parser.Model.Node, args))
	if exited { // --help has been printed, and what followed does not count
		return exitCode
	}
	if err != nil {
		return fail(stderr, exitUsage, environment.explain(err), parsed)
	}

	app := &app{settings: &grammar.Settings, stdin: stdin, stdout: stdout, stderr: stderr, lookup: lookup}
	defer app.close()
	environment.warnOfTyped(app, parsed)
	code, err := app.carryOut(ctx, parsed.Selected(), func(ctx context.Context) error {
		parsed.BindTo(ctx, (*context.Context)(nil))
		return parsed.Run(app)
	})
	if err != nil {
		return fail(stderr, code, app.redact(err), parsed)
	}
	return code
}
