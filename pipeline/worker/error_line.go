package worker

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxErrorText bounds the stored text of an error, in bytes.
const maxErrorText = 500

// lineOf returns the text of an error as one bounded line, without the stack of a panic,
// because the text is stored in an AMQP header.
func lineOf(err error) string {
	if value, _, ok := panicOf(err); ok {
		return boundedLine(fmt.Sprintf("panic: %v", value))
	}
	return boundedLine(err.Error())
}

// boundedLine returns the first line of a text, cut to maxErrorText.
func boundedLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.ToValidUTF8(strings.ReplaceAll(line, "\x00", ""), "")
	if len(line) > maxErrorText {
		line = line[:maxErrorText]
		for !utf8.ValidString(line) {
			line = line[:len(line)-1]
		}
	}
	return line
}
