// Package ledger records a drill: every request that was sent, and its answer. Besides
// the database it is all that the checker relies on.
package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Pair is one parameter as it was sent, decoded.
type Pair struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// Request is one attempt at one HTTP request. A repeated attempt at another receiver is
// a request of its own.
type Request struct {
	// Seq numbers the requests of a drill from 1. It is also sent, as the parameter
	// SeqParam, so that a row in the database shows which request made it even when no
	// receipt came back.
	Seq    int64     `json:"seq"`
	SentAt time.Time `json:"sent_at"`
	// Receiver is the address to which it was sent.
	Receiver string `json:"receiver"`
	Method   string `json:"method"`
	// Host is the Host header; empty means the receiver's address.
	Host   string `json:"host,omitempty"`
	Path   string `json:"path"`
	Form   Form   `json:"form"`
	Params []Pair `json:"params"`
	// Junk is sent behind Params, decides nothing, and is not stored.
	Junk []Pair `json:"-"`
	// From is the address from which it is sent; empty for any.
	From string `json:"from,omitempty"`
	// Again is the request that this one repeats because that had no good answer; 0 for
	// a first attempt.
	Again int64 `json:"again,omitempty"`
}

// Form is how the parameters travel.
type Form string

// The forms: in the URL, or in the body of a POST.
const (
	Query Form = "query"
	Body  Form = "form"
	JSON  Form = "json"
)

// SeqParam is the parameter that carries Seq. It is a parameter of the contract that no
// rule uses: of refused requests no other parameters are stored.
const SeqParam = "adv_sub_id_4"

// Get returns the first value of a parameter, empty when it was not sent.
func (r Request) Get(name string) string {
	for _, p := range r.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Count returns how often a parameter was sent.
func (r Request) Count(name string) int {
	n := 0
	for _, p := range r.Params {
		if p.Name == name {
			n++
		}
	}
	return n
}

// Fate says how certain it is that a request arrived.
type Fate string

// The fates.
const (
	// Answered requests have a whole answer.
	Answered Fate = "answered"
	// NotSent requests never left, because the connection was refused. They cannot have
	// been recorded.
	NotSent Fate = "not_sent"
	// Unknown requests may have arrived: the connection broke, or no answer
	// came in time.
	Unknown Fate = "unknown"
)

// Answer is the response to a request.
type Answer struct {
	Fate     Fate   `json:"fate"`
	Status   int    `json:"status,omitempty"`
	Receipt  string `json:"receipt,omitempty"`
	Location string `json:"location,omitempty"`
	// RetryAfter is the header of that name.
	RetryAfter string `json:"retry_after,omitempty"`
	Body       string `json:"body,omitempty"`
	// Error is the error of the client when there is no answer.
	Error string        `json:"error,omitempty"`
	Took  time.Duration `json:"took"`
}

// Accepted reports whether the answer promises that the hit is durable.
func (a Answer) Accepted() bool {
	return a.Receipt != "" && (a.Status == 200 || a.Status == 302)
}

// Entry is a request with its answer.
type Entry struct {
	Request
	Answer Answer `json:"answer"`
}

// Ledger stores the entries of one drill, in memory and as JSON lines in a file. It is
// safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	next    int64
	entries []Entry
	file    *os.File
	lines   *bufio.Writer
	err     error
}

// Create begins a ledger in a new file.
func Create(path string) (*Ledger, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("begin the ledger: %w", err)
	}
	return &Ledger{file: file, lines: bufio.NewWriter(file)}, nil
}

// Next returns the number of a request that is about to be sent.
func (l *Ledger) Next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.next
}

// Add stores a request that has its answer, or will never have one. Close returns an
// error of the file.
func (l *Ledger) Add(entry Entry) {
	line, err := json.Marshal(entry)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entry)
	if err == nil {
		_, err = l.lines.Write(append(line, '\n'))
	}
	l.err = errors.Join(l.err, err)
}

// Entries returns the entries so far. The caller must not change them.
func (l *Ledger) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.entries[:len(l.entries):len(l.entries)]
}

// Close finishes the file.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.err, l.lines.Flush(), l.file.Close()); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}
