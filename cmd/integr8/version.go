package main

import (
	"runtime/debug"
)

type versionCommand struct{ output }

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
}

// Run prints what the build recorded about itself.
func (c *versionCommand) Run(app *app) error {
	answer := version{Version: "unknown", Revision: "unknown"}
	if build, ok := debug.ReadBuildInfo(); ok {
		answer.Version, answer.Go = build.Main.Version, build.GoVersion
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				answer.Revision = setting.Value
			}
		}
	}
	return c.print(app, answer, func(t *table) {
		t.row("integr8", answer.Version)
		t.row("revision", answer.Revision)
		t.row("built with", answer.Go)
	})
}
