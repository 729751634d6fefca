// Package tester tries what people have set up: it fires a real click and a real conversion
// at the real doors, and says of each step what came of it.
//
// Each request carries a mark that only we can make (see token.Keys.MarkTest): its hits
// are tests, which no report counts and which take the place of no sale. Before a request
// is made that may be recorded, HEAD asks the door whether the mark holds there, so that
// no test of ours becomes a sale at a receiver of an earlier version or of another secret.
//
// A test is a State that Advance takes one step further. The caller keeps it: a page between
// its requests, a command in memory. Nothing of it is a secret.
package tester

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// Doors sends requests to the doors.
type Doors interface {
	// Ask sends one request to the address of the doors, and to no other, and does not
	// follow a redirect. An error has a hint, and repeats no parameter.
	Ask(ctx context.Context, request Request) (Response, error)
}

// Request is a request to a door.
type Request struct {
	Method, Door string
	// Host is what the request names as its host; empty for that of the doors' address.
	Host string
	// Parameters are names and values in turn.
	Parameters []string
}

// Response is what a door answered.
type Response struct {
	Status   int
	Location string
	// Receipt is that of the recorded hit; zero for none.
	Receipt uuid.UUID
	// Test is set where the mark holds.
	Test bool
	// Note is what was mended in the request. Reason and Line say why it was refused.
	Note   string
	Reason outcome.Reason
	Line   string
	Took   time.Duration
}

// Tester is the use case. It holds no state of its own and may be called from many
// goroutines at once.
type Tester struct {
	Doors      Doors
	Offers     reference.Offers
	Publishers reference.Publishers
	Domains    reference.Domains
	Links      links.Tokens
	Traces     trace.Traces
	Keys       token.Keys
}
