// Package version says what the program was built from.
package version

import (
	"fmt"
	"runtime/debug"
)

// Version is what the build recorded about itself.
type Version struct {
	// Version and Revision are "unknown" where the build recorded none, as without the
	// repository.
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
}

// Read returns the version of the program that runs.
func Read() Version {
	built := Version{Version: "unknown", Revision: "unknown"}
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
func (v Version) String() string {
	return fmt.Sprintf("integr8 %s (commit %s, %s)", v.Version, v.Revision, v.Go)
}
