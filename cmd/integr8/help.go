package main

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// printHelp shows every setting in the help of the program and in that of the
// commands that run it; the help of any other command names its own flags.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	selected := ctx.Selected()
	if selected == nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	if selected.Group == nil || selected.Group.Key != "run" {
		for _, flag := range ctx.Model.Flags {
			flag.Hidden = flag.Group != nil && slices.ContainsFunc(settingGroups, func(group kong.Group) bool {
				return group.Key == flag.Group.Key
			})
		}
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(ctx.Stdout, "\nThe settings, such as DATABASE_URL, are listed by: integr8 --help")
	return err
}
