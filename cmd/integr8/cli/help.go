package cli

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"

	"integr8/pipeline/failure"
)

// printHelp shows every setting in the help of the program and in that of the
// commands that run it; the help of any other command names its own flags, and
// --timeout, which every one has.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	selected := ctx.Selected()
	if selected == nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	if !takesSettings(selected) {
		for _, flag := range ctx.Model.Flags {
			flag.Hidden = isSetting(flag)
		}
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(ctx.Stdout, "\nThe settings, such as DATABASE_URL, are listed by: integr8 --help")
	return err
}

// takesSettings reports whether the help of a command lists the settings.
func takesSettings(node *kong.Node) bool {
	return node.Type == kong.ApplicationNode || (node.Group != nil && node.Group.Key == "run")
}

// isSetting reports whether a flag is of the process; --timeout is of every command.
func isSetting(flag *kong.Flag) bool {
	return flag.Name != "timeout" && flag.Group != nil && slices.ContainsFunc(settingGroups, func(group kong.Group) bool {
		return group.Key == flag.Group.Key
	})
}

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command, such as: offer create."`
}

// Run shows the help where askForHelp has not, because a flag came first.
func (c *helpCommand) Run(parsed *kong.Context) error {
	traced, err := kong.Trace(parsed.Kong, c.Command)
	if err == nil {
		err = traced.Error
	}
	if err != nil {
		return failure.WithHint(err, "see: integr8 --help")
	}
	return traced.PrintUsage(false)
}

// askForHelp turns "help offer create", "offer help create" and "offer create
// help" into "offer create --help". A word help that may be an argument stays.
func askForHelp(node *kong.Node, args []string) []string {
	for i, word := range args {
		if word == "help" && len(node.Positional) == 0 {
			return append(slices.Concat(args[:i], args[i+1:]), "--help")
		}
		child := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word })
		if child < 0 {
			return args
		}
		node = node.Children[child]
	}
	return args
}
