package monitor

import (
	"encoding/json"
	"fmt"
	"time"
)

// Status is the report of a process about its work. An operator requests it through the
// broker. It contains durations and no times, so that clocks need not agree.
type Status struct {
	// Process is the host name and the process id.
	Process string `json:"process"`
	// Roles are receiver, worker and web. A process of an older version does not say.
	Roles   []string `json:"roles,omitempty"`
	Version string   `json:"version,omitempty"`
	// Addresses are those it listens on, by what they are for.
	Addresses map[string]string `json:"addresses,omitempty"`
	// Spooled counts the hits that wait on its disk; nil for a process without doors.
	Spooled *int64 `json:"spooled,omitempty"`
	// Settings are those that processes of a role should have alike, and no secrets.
	Settings map[string]string `json:"settings,omitempty"`
	// Held is set while no message is handled because a server cannot be used.
	Held *Held `json:"held,omitempty"`
	// Topics is the work of a worker, by topic.
	Topics map[string]Work `json:"topics,omitempty"`
	// HitsPerMessage is, by topic, the mean number of hits in the latest AMQP messages
	// that the process published.
	HitsPerMessage map[string]float64 `json:"hits_per_message,omitempty"`
}

// Held is a time in which no message is handled.
type Held struct {
	// Server is the server that cannot be used: "the database" or "the broker".
	Server string `json:"server"`
	// For is how long that has lasted; 0 when it has just been noticed.
	For time.Duration `json:"for"`
}

// Work is the work of a worker on one topic.
type Work struct {
	// Consuming is set while the worker consumes from the topic's queue.
	Consuming bool `json:"consuming"`
	// Paused is set while it is told not to take anything from there.
	Paused bool `json:"paused,omitempty"`
	// Redelivered counts the AMQP messages that came again, since the start of the process.
	Redelivered uint64 `json:"redelivered,omitempty"`
	// Error is that of the newest attempt that failed, and ErrorAge how long ago that was;
	// empty when none has.
	Error    string        `json:"error,omitempty"`
	ErrorAge time.Duration `json:"error_age,omitempty"`
	// Hits counts the hits in AMQP messages that are not settled.
	Hits int `json:"hits"`
	// Oldest is the age of the oldest of these messages.
	Oldest time.Duration `json:"oldest,omitempty"`
	// Still is the time since one of them was last settled.
	Still time.Duration `json:"still,omitempty"`
	// HitsPerMessage is the mean number of hits in the latest AMQP messages that arrived.
	HitsPerMessage float64 `json:"hits_per_message,omitempty"`
}

// Encode returns the status as JSON.
func (s Status) Encode() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode a status: %w", err)
	}
	return text, nil
}

// DecodeStatus decodes a status that this or another version of Encode returned.
func DecodeStatus(text []byte) (Status, error) {
	var s Status
	if err := json.Unmarshal(text, &s); err != nil {
		return Status{}, fmt.Errorf("read a status: %w", err)
	}
	return s, nil
}
