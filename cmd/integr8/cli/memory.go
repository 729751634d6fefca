package cli

import "runtime/debug"

// A receiver or worker lives on what is garbage a moment later: collecting it
// at the usual pace takes a tenth to a quarter of the CPU time. These let the
// heap grow to five times what is live, and have it collected in time to stay
// within 150 MB resident.
const (
	gcPercent   = 400
	memoryLimit = 110 << 20
)

// paceGC sets the pace of garbage collection, where the environment does not:
// see GOGC and GOMEMLIMIT of package runtime.
func paceGC(lookup func(string) (string, bool)) {
	if _, set := lookup("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	if _, set := lookup("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(memoryLimit)
	}
}
