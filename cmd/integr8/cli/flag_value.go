package cli

import (
	"regexp"
	"strings"
)

// negative begins what is a number, and none of the flags, which begin with a letter.
var negative = regexp.MustCompile(`^-\.?[0-9]`)

// withNegatives joins a flag with a negative number behind it, as in --payout -1,
// which the parser takes for another flag. The decoder of the flag says what it
// takes.
func withNegatives(args []string) []string {
	var joined []string
	for _, arg := range args {
		last := len(joined) - 1
		if negative.MatchString(arg) && last >= 0 && strings.HasPrefix(joined[last], "--") && joined[last] != "--" && !strings.Contains(joined[last], "=") {
			joined[last] += "=" + arg
			continue
		}
		joined = append(joined, arg)
	}
	return joined
}

var (
	valueLeftOut = regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)`)
	valueIsFlag  = regexp.MustCompile(`expected \w+ value but got ("[^"]*") \((short|long) flag\)`)
)

// inPlainWords says of a flag without a value what is wrong with it. It is the same
// error else.
func inPlainWords(err error) error {
	text := valueLeftOut.ReplaceAllString(err.Error(), "a value must follow")
	text = valueIsFlag.ReplaceAllString(text, "a value must follow, and $1 looks like a flag")
	if text == err.Error() {
		return err
	}
	return redactedError{err, text}
}
