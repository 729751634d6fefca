package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"reflect"
	"strings"
	"time"

	"integr8/handlers/operate"
)

// wordsOfPages are the functions that templates have, beside static.
var wordsOfPages = template.FuncMap{
	"clock":       clock,
	"precisely":   operate.PreciseClock,
	"ago":         func(at time.Time) string { return ago(time.Since(at)) },
	"seconds":     func(n float64) string { return span(time.Duration(n * float64(time.Second))) },
	"count":       grouped,
	"counted":     counted,
	"rate":        rate,
	"amount":      operate.Amount,
	"percent":     percent,
	"windowOf":    windowOf,
	"silencedNow": silencedNow,
	"pretty":      pretty,
	"lines":       lines,
	"words":       spaced,
	"short":       func(text any) string { return shortened(fmt.Sprint(text), 13) },
	"text":        text,
	"json":        indented,
	"inWords":     operate.InWords,
	"capital":     capital,
}

// spaced writes a name of the JSON as words.
func spaced(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

// counted writes a number with its noun, which has an s for several.
func counted(n any, noun string) string {
	if text(n) != "1" {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// percent writes a share of 1; nil is none.
func percent(of *float64) string {
	if of == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", *of*100)
}

// text writes a value, or what a pointer points to.
func text(value any) string {
	if pointed := reflect.ValueOf(value); pointed.Kind() == reflect.Pointer && !pointed.IsNil() {
		value = pointed.Elem().Interface()
	}
	return fmt.Sprint(value)
}

func indented(value any) (string, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	return string(text), err
}

// clock writes a time in UTC; a pointer may be nil.
func clock(at any) string {
	switch at := at.(type) {
	case time.Time:
		return operate.Clock(at)
	case *time.Time:
		if at != nil {
			return operate.Clock(*at)
		}
	}
	return "–"
}

// ago writes how long something is ago.
func ago(since time.Duration) string {
	if since < 2*time.Second {
		return "just now"
	}
	return span(since) + " ago"
}

// span writes a span of time in its largest unit, or its two largest.
func span(of time.Duration) string {
	switch {
	case of < time.Second:
		return fmt.Sprintf("%.1f s", max(0, of.Seconds()))
	case of < time.Minute:
		return fmt.Sprintf("%d s", int(of.Seconds()))
	case of < time.Hour:
		return fmt.Sprintf("%d min", int(of.Minutes()))
	case of < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(of.Hours()), int(of.Minutes())%60)
	default:
		return fmt.Sprintf("%d days", int(of.Hours()/24))
	}
}

// grouped writes a number with a thin space between thousands.
func grouped(n any) string {
	whole := text(n)
	digits := strings.TrimPrefix(whole, "-")
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return strings.Repeat("-", len(whole)-len(strings.TrimPrefix(whole, "-"))) + strings.Join(append([]string{digits}, parts...), "\u202f")
}

// rate writes a number a second.
func rate(perSecond float64) string {
	switch {
	case perSecond == 0:
		return "0"
	case perSecond < 10:
		return fmt.Sprintf("%.2g", perSecond)
	default:
		return grouped(int64(math.Round(perSecond)))
	}
}

// pretty writes JSON with indents; what is none stays as it is.
func pretty(text json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return string(text)
	}
	return out.String()
}

// lines reads a JSON list of texts; nil where it is none.
func lines(text json.RawMessage) []string {
	var all []string
	if err := json.Unmarshal(text, &all); err != nil {
		return nil
	}
	return all
}

func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
