package hit

import (
	"strings"
	"unicode"

	"integr8/pipeline/ascii"
)

// NumberWithin finds the number of an offer or a publisher in a text that a page,
// a mail or a link shortener has glued something to: marks around it, such as the
// point of a sentence, or a mark that stands in no number and whatever follows it.
// It returns what follows the number where that may hold parameters, and false
// where the text is nothing but digits, or may be another number or several:
// 2.5, 2,3, -2.
func NumberWithin(text string) (number, tail string, ok bool) {
	if ascii.IsDigits(text) {
		return "", "", false
	}
	text = strings.TrimLeftFunc(text, opensNumber)
	if rest, quoted := cutQuotedEquals(text); quoted {
		text = rest
	}
	end := 0
	for end < len(text) && ascii.IsDigit(text[end]) {
		end++
	}
	number, tail = text[:end], text[end:]
	switch {
	case number == "":
		return "", "", false
	case tail != "" && strings.IndexByte(endsNumber, tail[0]) >= 0, beginsParameter(tail):
		return number, tail, true
	case strings.ContainsFunc(tail, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }):
		return "", "", false
	}
	return number, "", true
}

// endsNumber may stand behind a number that was pasted, whatever follows: no mark
// that separates the numbers of a list, or the parts of one number.
const endsNumber = "?&#%\"'`<>()[]{}\\"

// opensNumber reports whether a mark may stand before a number that was pasted. A
// point or a minus would make another number of it.
func opensNumber(r rune) bool {
	return strings.ContainsRune("\"'`<([{*_~#=: ", r) || unicode.In(r, unicode.Pi, unicode.Pf, unicode.Ps)
}

// cutQuotedEquals takes away the rest of an equals sign as quoted-printable mail
// writes it: publisher=3D2.
func cutQuotedEquals(text string) (rest string, quoted bool) {
	if len(text) > 2 && text[0] == '3' && text[1]|0x20 == 'd' && ascii.IsDigit(text[2]) {
		return text[2:], true
	}
	return text, false
}

// beginsParameter reports whether a text begins with marks that separate
// parameters elsewhere, and then with the name of one: ;publisher=2.
func beginsParameter(text string) bool {
	rest := strings.TrimLeft(text, ";,| ")
	name, _, assigned := strings.Cut(rest, "=")
	return assigned && len(rest) < len(text) && name != "" && ascii.IsWord(name) && !ascii.IsDigit(name[0])
}
