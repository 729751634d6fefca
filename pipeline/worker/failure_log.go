package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"golang.org/x/time/rate"

	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
	"integr8/pipeline/outcome"
)

const (
	// loggedAttempts is how many failed attempts of a class are logged in a row; after
	// that one a second, because thousands often fail for the same cause.
	loggedAttempts = 10
	// suppressedEvery is after how long the number of suppressed lines is logged.
	suppressedEvery = 10 * time.Second
	// maxStackBytes bounds the stack of a panic in a log line.
	maxStackBytes = 16 << 10
)

// failureLog logs failed attempts: a warning for each, within the rate
// of its class, with the number of suppressed ones; and an error for each panic
// and for each message that becomes a dead letter.
type failureLog struct {
	logger *slog.Logger

	mu      sync.Mutex
	classes map[failure.Class]*classLog
}

type classLog struct {
	limiter    *rate.Limiter
	suppressed int
	timer      *time.Timer // set while suppressed is above 0
}

func newFailureLog(logger *slog.Logger) *failureLog {
	return &failureLog{logger: logger, classes: map[failure.Class]*classLog{}}
}

// attempt logs that an attempt failed and that the message is retried.
func (l *failureLog) attempt(topic string, msg *message.Message, err error) {
	if l.panicked(topic, msg, err) {
		return
	}
	class := failure.Of(err)
	allowed, suppressed := l.allow(class)
	if !allowed {
		return
	}
	attributes := append(about(topic, msg), "class", class, "error", lineOf(err))
	if suppressed > 0 {
		attributes = append(attributes, "suppressed", suppressed)
	}
	l.logger.Warn("an attempt to handle a message failed, the message is retried", attributes...)
}

// death logs that a message becomes a dead letter.
func (l *failureLog) death(topic string, msg *message.Message, reason outcome.Reason, err error) {
	l.panicked(topic, msg, err)
	l.logger.Error("a message failed for the last time and becomes a dead letter",
		append(about(topic, msg), "class", failure.Of(err), "cause", reason, "error", lineOf(err))...)
}

// deathAtBroker logs a dead letter that no worker made: the broker did, or another
// program.
func (l *failureLog) deathAtBroker(letter DeadLetter) {
	l.logger.Error("the broker or another program made a message a dead letter", "receipt", letter.ID, "cause", letter.Reason, "error", letter.Error)
}

// panicked logs a panic with its stack. It returns false when err is not a panic.
func (l *failureLog) panicked(topic string, msg *message.Message, err error) bool {
	value, stack, ok := panicOf(err)
	if ok {
		l.logger.Error("handling a message panicked", append(about(topic, msg),
			"panic", boundedLine(fmt.Sprint(value)), "stack", stack[:min(len(stack), maxStackBytes)])...)
	}
	return ok
}

// panicOf returns the value and the stack of a panic in a handler or in a batch.
func panicOf(err error) (value any, stack string, ok bool) {
	var inHandler middleware.RecoveredPanicError
	var inBatch *batch.PanicError
	switch {
	case errors.As(err, &inBatch):
		return inBatch.Value, string(inBatch.Stack), true
	case errors.As(err, &inHandler):
		return inHandler.V, inHandler.Stacktrace, true
	}
	return nil, "", false
}

func about(topic string, msg *message.Message) []any {
	return []any{"receipt", boundedLine(msg.UUID), "queue", topic, "attempt", attemptsOf(msg) + 1}
}

// allow reports whether a line of a class may be logged, and how many were suppressed
// since the last one.
func (l *failureLog) allow(class failure.Class) (allowed bool, suppressed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.classes[class]
	if c == nil {
		c = &classLog{limiter: rate.NewLimiter(1, loggedAttempts)}
		l.classes[class] = c
	}
	if c.limiter.Allow() {
		return true, c.take()
	}
	if c.suppressed++; c.suppressed == 1 {
		c.timer = time.AfterFunc(suppressedEvery, func() { l.summarize(class) })
	}
	return false, 0
}

// take returns the number of suppressed lines and sets it to 0.
func (c *classLog) take() int {
	if c.suppressed == 0 {
		return 0
	}
	c.timer.Stop()
	n := c.suppressed
	c.suppressed = 0
	return n
}

// summarize logs the number of suppressed lines of a class.
func (l *failureLog) summarize(class failure.Class) {
	l.mu.Lock()
	suppressed := l.classes[class].take()
	l.mu.Unlock()
	if suppressed > 0 {
		l.logger.Warn("more attempts failed, which were not logged one by one", "class", class, "suppressed", suppressed)
	}
}

// close logs the numbers of suppressed lines that are not logged yet.
func (l *failureLog) close() {
	l.mu.Lock()
	classes := make([]failure.Class, 0, len(l.classes))
	for class := range l.classes {
		classes = append(classes, class)
	}
	l.mu.Unlock()
	for _, class := range classes {
		l.summarize(class)
	}
}
