package spools

import (
	"errors"
	"io/fs"
	"time"

	"integr8/pipeline/failure"
	"integr8/pipeline/spool"
)

// Spool is the content of a receiver's directory.
type Spool struct {
	Dir string `json:"dir"`
	// Held is set when a process has the directory open.
	Held bool `json:"held"`
	// Hits counts the hits that wait for the broker, and Topics those of each topic.
	// Oldest is the time of the oldest; null when none waits.
	Hits   int64            `json:"hits"`
	Topics map[string]int64 `json:"topics"`
	Bytes  int64            `json:"bytes"`
	Oldest *time.Time       `json:"oldest"`
	// Unreadable counts damaged records; DamagedFiles and DamagedBytes count files that
	// were set aside.
	Unreadable   int   `json:"unreadable"`
	DamagedFiles int   `json:"damaged_files"`
	DamagedBytes int64 `json:"damaged_bytes"`
}

// Show reads a directory as INTEGR8_SPOOL_DIR names it, also one that a process has
// open.
func Show(dir string) (Spool, error) { return show(dir, spool.Locate(dir)) }

// ShowAround reads the directory of a receiver, if it is there, and those in which hits
// of other receivers wait: beside it, and in the directories near. None is no error.
func ShowAround(own string, near ...string) ([]Spool, error) {
	spools := []Spool{}
	shown, err := show(own, spool.HitsIn(own))
	switch {
	case err == nil:
		spools = append(spools, shown)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	for _, home := range spool.HomesAround(own, near...) {
		shown, err := show(home, spool.HitsIn(home))
		if err != nil {
			return nil, err
		}
		spools = append(spools, shown)
	}
	return spools, nil
}

// show reads the log of a directory.
func show(dir, log string) (Spool, error) {
	content, err := spool.Inspect(log)
	if err != nil {
		return Spool{}, failure.WithHint(err, "name the directory that the receiver has in INTEGR8_SPOOL_DIR")
	}
	return spoolOf(dir, content), nil
}

func spoolOf(dir string, content spool.Content) Spool {
	shown := Spool{
		Dir: dir, Held: content.Held, Hits: content.Waiting(), Topics: content.Records, Bytes: content.Bytes,
		Unreadable: content.Damaged, DamagedFiles: content.Aside.Files, DamagedBytes: content.Aside.Bytes,
	}
	if !content.Oldest.IsZero() {
		shown.Oldest = &content.Oldest
	}
	return shown
}
