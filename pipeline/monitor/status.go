package monitor

import (
	"encoding/json"
	"fmt"
	"time"
)

// Status is what a process says about its work to an operator who asks through the
// broker. Times are lengths, so that clocks need not agree.
type Status struct {
	// Process is the machine's name and the process id.
	Process string `json:"process"`
	// Held is set while nothing is handled because a server cannot be used.
	Held *Held `json:"held,omitempty"`
	// Topics is what a worker has of each topic.
	Topics map[string]Work `json:"topics,omitempty"`
	// HitsPerMessage is how many hits an AMQP message held that was published to a
	// topic, in the mean of the latest.
	HitsPerMessage map[string]float64 `json:"hits_per_message,omitempty"`
}

// Held is a time in which nothing is handled.
type Held struct {
	// Server is the one that cannot be used: "the database" or "the broker".
	Server string `json:"server"`
	// For is how long that has lasted; 0 where it shows first.
	For time.Duration `json:"for"`
}

// Work is what a worker has of one topic.
type Work struct {
	Consuming bool `json:"consuming"`
	// Hits counts those in AMQP messages that are not settled.
	Hits int `json:"hits"`
	// Oldest is the age of the oldest of these messages.
	Oldest time.Duration `json:"oldest,omitempty"`
	// Still is for how long none of them was settled.
	Still time.Duration `json:"still,omitempty"`
	// HitsPerMessage is how many hits an AMQP message held that arrived.
	HitsPerMessage float64 `json:"hits_per_message,omitempty"`
}

// Encode makes the form that travels.
func (s Status) Encode() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode a status: %w", err)
	}
	return text, nil
}

// DecodeStatus reads what Encode has made, by this version or another.
func DecodeStatus(text []byte) (Status, error) {
	var s Status
	if err := json.Unmarshal(text, &s); err != nil {
		return Status{}, fmt.Errorf("read a status: %w", err)
	}
	return s, nil
}
