package operate

import "strings"

// formulaBegins are the characters with which spreadsheets begin a formula, in both
// widths, or which they drop before one.
const formulaBegins = "=+-@\t\r\n＝＋－＠"

// Guarded returns a text that no spreadsheet takes for a formula: with an apostrophe
// before it where it begins like one. A text with an apostrophe at its beginning gets
// another, so that who takes one off has every text as it was.
func Guarded(text string) string {
	if text == "" || text[0] != '\'' && !strings.ContainsAny(firstVisible(text), formulaBegins) {
		return text
	}
	return "'" + text
}

// firstVisible is the first character of a text, and the first behind blanks.
func firstVisible(text string) string {
	var first strings.Builder
	for i, r := range text {
		if i == 0 || first.Len() > 0 {
			first.WriteRune(r)
		}
		if r != ' ' && r != '\u00a0' {
			break
		}
	}
	return first.String()
}
