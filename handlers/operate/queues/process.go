package queues

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"integr8/pipeline/monitor"
)

// Process is a process that reported its status.
type Process struct {
	// Name is the host name and the process id.
	Name string `json:"process"`
	// Roles are receiver, worker and web; empty for a process of an older version.
	Roles   []string `json:"roles"`
	Version string   `json:"version"`
	// Addresses are those it listens on, by what they are for.
	Addresses map[string]string `json:"addresses"`
	// HeldBy is the server whose outage holds its hits, for HeldSeconds.
	HeldBy      string  `json:"held_by,omitempty"`
	HeldSeconds float64 `json:"held_seconds,omitempty"`
	// InFlight counts the hits in the messages that it has.
	InFlight int `json:"in_flight"`
	// Spooled counts the hits that wait on its disk; null for a process without doors.
	Spooled *int64 `json:"spooled"`
	// Differs says in sentences which of its settings most processes have otherwise.
	Differs []string `json:"differs"`
}

func processesOf(statuses []monitor.Status) []Process {
	processes := make([]Process, len(statuses))
	for i, status := range statuses {
		p := Process{Name: status.Process, Roles: status.Roles, Version: status.Version, Addresses: status.Addresses,
			Spooled: status.Spooled, Differs: differs(status, statuses)}
		for _, work := range status.Topics {
			p.InFlight += work.Hits
		}
		if status.Held != nil {
			p.HeldBy, p.HeldSeconds = strings.TrimPrefix(status.Held.Server, "the "), status.Held.For.Seconds()
		}
		processes[i] = p
	}
	slices.SortFunc(processes, func(a, b Process) int {
		return cmp.Or(cmp.Compare(strings.Join(a.Roles, " "), strings.Join(b.Roles, " ")), cmp.Compare(a.Name, b.Name))
	})
	return processes
}

// differs compares a process's settings, and its version, with those of the others that
// have them. Of two values with as many processes, the one that comes first in order of
// text counts as that of most.
func differs(own monitor.Status, all []monitor.Status) []string {
	differences := []string{}
	for _, name := range slices.Sorted(maps.Keys(own.Settings)) {
		if most := valueOfMost(name, all); own.Settings[name] != most {
			differences = append(differences, fmt.Sprintf("%s is %s here and %s with most others", name, own.Settings[name], most))
		}
	}
	return differences
}

func valueOfMost(setting string, all []monitor.Status) (most string) {
	counts := map[string]int{}
	for _, status := range all {
		if value, has := status.Settings[setting]; has {
			counts[value]++
		}
	}
	for _, value := range slices.Sorted(maps.Keys(counts)) {
		if counts[value] > counts[most] {
			most = value
		}
	}
	return most
}
