// Package ledger is the memory of a drill: every request that was sent, and
// what came back. It is all that the checker believes besides the database.
package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Pair is one parameter as it was sent, decoded.
type Pair struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// Request is one attempt at one HTTP request. An attempt that is made again
// elsewhere is a request of its own.
type Request struct {
	// Seq numbers the requests of a drill from 1. It is also sent, as the
	// parameter SeqParam, so that a row in the database tells which request
	// made it even when no receipt came back.
	Seq    int64     `json:"seq"`
	SentAt time.Time `json:"sent_at"`
	// Receiver is the address that it was sent to.
	Receiver string `json:"receiver"`
	Method   string `json:"method"`
	// Host is the Host header; empty means the receiver's address.
	Host   string `json:"host,omitempty"`
	Path   string `json:"path"`
	Form   Form   `json:"form"`
	Params []Pair `json:"params"`
	// Junk is sent behind Params, decides nothing, and is not kept.
	Junk []Pair `json:"-"`
	// From is the address of the machine that it is sent from; empty for any.
	From string `json:"from,omitempty"`
	// Again is the request that this one repeats because it had no good
	// answer; 0 for the first attempt.
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

// SeqParam is the parameter that carries Seq: one of the contract that no rule
// looks at, for of refused requests no other is kept.
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

// Fate says how sure it is that a request arrived.
type Fate string

// The fates.
const (
	// Answered requests have a whole answer.
	Answered Fate = "answered"
	// NotSent requests never left: the connection was refused. They cannot
	// have been recorded.
	NotSent Fate = "not_sent"
	// Unknown requests may have arrived: the connection broke, or no answer
	// came in time.
	Unknown Fate = "unknown"
)

// Answer is what came back.
type Answer struct {
	Fate     Fate   `json:"fate"`
	Status   int    `json:"status,omitempty"`
	Receipt  string `json:"receipt,omitempty"`
	Location string `json:"location,omitempty"`
	// RetryAfter is the header of that name.
	RetryAfter string `json:"retry_after,omitempty"`
	Body       string `json:"body,omitempty"`
	// Error is what the client met where there is no answer.
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

// Ledger takes the entries of one drill, in memory and as JSON lines in a
// file. It is safe for concurrent use.
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

// Add takes a request that has its answer, or will never have one. An error
// of the file shows when the ledger is closed.
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

// Entries returns what was added so far. It must not be changed.
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

// Read reads the entries of a ledger's file.
func Read(from io.Reader) ([]Entry, error) {
	var entries []Entry
	decoder := json.NewDecoder(from)
	for {
		var entry Entry
		err := decoder.Decode(&entry)
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read entry %d of the ledger: %w", len(entries)+1, err)
		}
		entries = append(entries, entry)
	}
}
