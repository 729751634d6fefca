package operate

import (
	"regexp"
	"strings"
)

// InWords returns a text for people with its acts in the words of the API and the console,
// as in: edit offer 7 with status active. Hints, and other texts of use cases, name acts by
// the commands of integr8, each in backticks: `integr8 offer edit 7 --status active`. The
// command line shows them as they are. A command that only a person at the servers can
// run, such as `integr8 doctor`, stays.
func InWords(text string) string {
	return quoted.ReplaceAllStringFunc(text, func(command string) string {
		parts := strings.Fields(strings.Trim(command, "`"))
		if strings.HasPrefix(parts[0], "--") {
			return strings.TrimPrefix(flags(parts), " with ")
		}
		noun, served := nouns[parts[1]]
		if !served {
			return command
		}
		return act(noun, parts[2:])
	})
}

// quoted finds commands, and flags that stand alone.
var quoted = regexp.MustCompile("`(integr8 |--)[^`]+`")

// nouns are the first words of the commands that the API or the console has too, in words.
var nouns = map[string]string{
	"account": "account", "advertiser": "advertiser", "publisher": "publisher", "offer": "offer", "domain": "domain", "token": "token", "webhook": "webhook",
	"dead": "dead letter", "job": "job", "alert": "alert", "history": "history", "queues": "queues", "audit": "audit", "trace": "trace", "find": "search",
	"conversions": "conversions", "hits": "hits", "report": "report", "test": "test",
}

// act puts a command behind its noun into words. Where it begins with a verb, that comes
// first.
func act(noun string, parts []string) string {
	if len(parts) > 0 && verb.MatchString(parts[0]) {
		if parts[0] == "list" {
			noun += "s"
		}
		noun, parts = parts[0]+" "+noun, parts[1:]
	}
	if len(parts) > 0 && !strings.HasPrefix(parts[0], "--") { // one of them
		noun = strings.TrimSuffix(noun, "s")
	}
	for len(parts) > 0 && !strings.HasPrefix(parts[0], "--") {
		noun, parts = noun+" "+parts[0], parts[1:]
	}
	return noun + flags(parts)
}

var verb = regexp.MustCompile("^[a-z]+$")

// flags puts flags and their values into words: each by the name of its field.
func flags(parts []string) string {
	var out strings.Builder
	joint := " with "
	for _, part := range parts {
		name, isFlag := strings.CutPrefix(part, "--")
		switch {
		case isFlag:
			out.WriteString(joint + strings.ReplaceAll(name, "-", "_"))
			joint = " and "
		default:
			out.WriteString(" " + part)
		}
	}
	return out.String()
}
