package hit

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"integr8/pipeline/ascii"
)

// ErrInvalidTime is the error of SessionTime.
var ErrInvalidTime = errors.New("a time is Unix seconds or finer, or RFC 3339, from 2000 to 2100")

// The plausible range of a session_time. Read as seconds and as milliseconds
// the two ranges of numbers do not touch, so the unit is never in doubt.
var (
	earliestSession = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latestSession   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// sessionLayouts are the forms of a session_time that is no number; without a
// zone it is UTC.
var sessionLayouts = [...]string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	time.DateTime, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 MST",
	"2006-01-02 15:04", time.DateOnly, time.RFC1123, time.RFC1123Z,
}

// SessionTime reads Unix seconds, also with a fraction, milliseconds,
// microseconds or nanoseconds, RFC 3339 and its near relatives (a space for the
// T, no zone, no time), and the date of an HTTP header, from the year 2000 up to
// 2100. It returns UTC. An offset whose + arrived as a space, because the sender
// did not percent-encode it, is understood.
func SessionTime(text string) (time.Time, error) {
	at, _, err := sessionTime(text)
	return at, err
}

// sessionTime is SessionTime, and also reports whether UTC was assumed because no
// zone was sent.
func sessionTime(text string) (at time.Time, assumed bool, err error) {
	text = strings.TrimSpace(text)
	if len(text) > maxTimeLength {
		return time.Time{}, false, ErrInvalidTime
	}
	at, err = unixTime(text)
	if err != nil {
		at, assumed, err = writtenTime(text)
	}
	if err != nil || at.Before(earliestSession) || !at.Before(latestSession) {
		return time.Time{}, false, ErrInvalidTime
	}
	return at.UTC(), assumed, nil
}

// maxTimeLength is the length of the longest form.
const maxTimeLength = len("2006-01-02 15:04:05.999999999 +00:00")

// unixTime reads a number. Its unit follows from its size: see earliestSession.
func unixTime(text string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if !ascii.IsDigits(whole) || fraction != "" && !ascii.IsDigits(fraction) {
		return time.Time{}, ErrInvalidTime
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, ErrInvalidTime
	}
	switch {
	case n >= earliestSession.UnixNano():
		return time.Unix(0, n), nil
	case n >= earliestSession.UnixMicro():
		return time.UnixMicro(n), nil
	case n >= earliestSession.UnixMilli():
		return time.UnixMilli(n), nil
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(n, nanos), err
}

func writtenTime(text string) (at time.Time, zoneless bool, err error) {
	text = strings.ToUpper(text)
	if n := len(text) - len("+00:00"); n > len(time.DateOnly) && text[n] == ' ' && text[n+3] == ':' && text[n-3] == ':' {
		text = text[:n] + "+" + text[n+1:]
	}
	for _, layout := range sessionLayouts {
		if strings.Contains(layout, "MST") && !strings.HasSuffix(text, "GMT") && !strings.HasSuffix(text, "UTC") {
			continue // another zone's name says nothing of its offset
		}
		if at, err = time.Parse(layout, text); err == nil {
			return at, !strings.Contains(layout, "07") && !strings.Contains(layout, "MST"), nil
		}
	}
	return time.Time{}, false, ErrInvalidTime
}
