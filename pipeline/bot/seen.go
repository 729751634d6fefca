package bot

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// maxSeenBytes bounds the length of the user agents that are cached; longer ones are
// rare.
const maxSeenBytes = 512

// seen caches the results for recent user agents. Most hits come with one of a few, and
// the lists take a microsecond. Each user agent has one place; the next one with the
// same hash takes its place.
type seen struct {
	places [1024]atomic.Pointer[verdict]
	seed   maphash.Seed
}

type verdict struct {
	userAgent string
	bot       bool
}

func newSeen() *seen { return &seen{seed: maphash.MakeSeed()} }

// is returns the result of judge for a user agent, and keeps a copy of the user agent.
func (s *seen) is(userAgent string, judge func(string) bool) bool {
	if len(userAgent) > maxSeenBytes {
		return judge(userAgent)
	}
	place := &s.places[maphash.String(s.seed, userAgent)%uint64(len(s.places))]
	if before := place.Load(); before != nil && before.userAgent == userAgent {
		return before.bot
	}
	found := verdict{userAgent: strings.Clone(userAgent), bot: judge(userAgent)}
	place.Store(&found)
	return found.bot
}
