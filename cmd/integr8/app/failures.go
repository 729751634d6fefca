package app

import (
	"strings"
	"sync"
	"time"

	"integr8/pipeline/failure"
)

// mostFailureText bounds the text of an error, in bytes.
const mostFailureText = 300

// lastFailures keeps the newest error of an attempt for each topic. It is safe for
// concurrent use.
type lastFailures struct {
	mu      sync.Mutex
	byTopic map[string]lastFailure
}

type lastFailure struct {
	text string
	at   time.Time
}

func (l *lastFailures) add(topic string, err error) {
	text := failure.OneLine(err)
	if len(text) > mostFailureText {
		text = strings.ToValidUTF8(text[:mostFailureText], "")
	}
	failed := lastFailure{text, time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byTopic == nil {
		l.byTopic = map[string]lastFailure{}
	}
	l.byTopic[topic] = failed
}

// of returns the newest error of a topic and its age; empty when there was none.
func (l *lastFailures) of(topic string) (text string, age time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if failed, has := l.byTopic[topic]; has {
		return failed.text, time.Since(failed.at)
	}
	return "", 0
}
