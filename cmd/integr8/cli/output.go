package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// output is embedded in every command that answers something.
type output struct {
	JSON bool `name:"json" help:"Answer as JSON."`
}

// print answers either the value as JSON, with snake_case keys, or what human
// writes to the table.
func (o output) print(inv *invocation, value any, human func(*table)) error {
	if o.JSON {
		return writeJSON(inv.stdout, value, "  ")
	}
	t := &table{width: terminalWidth(inv.stdout)}
	human(t)
	return t.write(inv.stdout)
}

// writeJSON writes a value and a newline.
func writeJSON(out io.Writer, value any, indent string) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	if _, err := out.Write(printableJSON(encoded.Bytes())); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// printable returns a text with each character that a terminal does not show as
// \uXXXX: control characters of 7 and 8 bits, DEL, direction marks, characters
// without width, foreign blanks and what Unicode does not assign.
func printable(text string) string {
	if !strings.ContainsFunc(text, isHidden) {
		return text
	}
	return string(escapeHidden(nil, text))
}

// printableJSON is printable for a JSON text, which stays the same text: there
// such characters stand only in strings.
func printableJSON(text []byte) []byte {
	hidden := func(r rune) bool { return r != '\n' && isHidden(r) }
	if !bytes.ContainsFunc(text, hidden) {
		return text
	}
	var escaped []byte
	for line := range bytes.Lines(text) {
		line, end := bytes.CutSuffix(line, []byte("\n"))
		escaped = escapeHidden(escaped, string(line))
		if end {
			escaped = append(escaped, '\n')
		}
	}
	return escaped
}

func isHidden(r rune) bool { return !unicode.IsPrint(r) }

// escapeHidden appends a text in the form that printable gives.
func escapeHidden(to []byte, text string) []byte {
	for _, r := range text {
		switch first, second := utf16.EncodeRune(r); {
		case !isHidden(r):
			to = utf8.AppendRune(to, r)
		case first != utf8.RuneError:
			to = fmt.Appendf(to, `\u%04x\u%04x`, first, second)
		default:
			to = fmt.Appendf(to, `\u%04x`, r)
		}
	}
	return to
}
