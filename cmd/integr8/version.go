package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{ output }

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
}

// builtFrom is what the build recorded about itself; a build without the
// repository knows no revision.
func builtFrom() version {
	built := version{Version: "unknown", Revision: "unknown"}
	if build, ok := debug.ReadBuildInfo(); ok {
		built.Version, built.Go = build.Main.Version, build.GoVersion
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				built.Revision = setting.Value
			}
		}
	}
	return built
}

// String is the version in a line.
func (v version) String() string {
	return fmt.Sprintf("integr8 %s (commit %s, %s)", v.Version, v.Revision, v.Go)
}

// Run prints what the program was built from.
func (c *versionCommand) Run(app *app) error {
	built := builtFrom()
	return c.print(app, built, func(t *table) {
		t.row("integr8", built.Version)
		t.row("revision", built.Revision)
		t.row("built with", built.Go)
	})
}
