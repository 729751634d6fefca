package cli

import "runtime/debug"

// A receiver or worker lives on what is garbage a moment later: collecting it
// at the usual pace takes a tenth to a quarter of the CPU time. These let the
// heap grow to five times what is live, and have it collected in time to stay
// within 150 MB resident, besides reference data.
const (
	gcPercent   = 400
	memoryLimit = 110 << 20
)

// paceGC sets the pace of garbage collection, where the environment does not:
// see GOGC and GOMEMLIMIT of package runtime. The function that it returns adds
// to the limit the bytes that reference data takes, which are no garbage: close
// to the limit the collector would run all the time.
func paceGC(lookup func(string) (string, bool)) (makeRoom func(bytes int)) {
	if _, set := lookup("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	if _, set := lookup("GOMEMLIMIT"); set {
		return func(int) {}
	}
	debug.SetMemoryLimit(memoryLimit)
	return func(bytes int) { debug.SetMemoryLimit(memoryLimit + int64(bytes)) }
}
