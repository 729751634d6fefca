package sql

import (
	"fmt"
	"slices"
	"strings"
)

// Statement is a statement in the form that the server accepts.
type Statement struct {
	// Name is noun/verb.
	Name string
	// Text has $1, $2 and so on in place of the names.
	Text string
	// Parameters are the names of $1, $2 and so on: each once, in the order of their
	// first use in the file.
	Parameters []string
}

// Bind returns the values of the parameters in the order of the statement. It returns an
// error when a parameter has no value, or a value no parameter, so that a misspelt name
// is never NULL.
func (s Statement) Bind(values map[string]any) ([]any, error) {
	bound := make([]any, len(s.Parameters))
	for i, name := range s.Parameters {
		value, ok := values[name]
		if !ok {
			return nil, fmt.Errorf("statement %s: no value for its parameter %s", s.Name, name)
		}
		bound[i] = value
	}
	if len(values) != len(bound) {
		for name := range values {
			if !slices.Contains(s.Parameters, name) {
				return nil, fmt.Errorf("statement %s has no parameter %s", s.Name, name)
			}
		}
	}
	return bound, nil
}

// parse replaces the named parameters of a statement by numbers. It returns an error for a
// parameter without a type, because Postgres would guess the type: in "$1 = 0" it chooses
// a four-byte integer, which is too small for an id. It returns an error for a numbered
// parameter for the same reason. It does not change comments, literals and quoted names.
func parse(name, text string) (Statement, error) {
	statement := Statement{Name: name}
	var out strings.Builder
	for rest := text; rest != ""; {
		n := verbatim(rest)
		if n > 0 {
			out.WriteString(rest[:n])
			rest = rest[n:]
			continue
		}
		if rest[0] == '$' {
			return Statement{}, fmt.Errorf("statement %s: write :name::type instead of %.4s", name, rest)
		}
		end := 1 + nameLength(rest[1:])
		parameter := rest[1:end]
		if rest = rest[end:]; len(rest) < 3 || rest[:2] != "::" || nameLength(rest[2:]) == 0 {
			return Statement{}, fmt.Errorf("statement %s: the parameter %s has no type: write :%[2]s::type", name, parameter)
		}
		place := slices.Index(statement.Parameters, parameter)
		if place < 0 {
			place = len(statement.Parameters)
			statement.Parameters = append(statement.Parameters, parameter)
		}
		fmt.Fprintf(&out, "$%d", place+1)
	}
	statement.Text = out.String()
	return statement, nil
}

// verbatim returns the length of the comment, literal, quoted name or cast at the
// beginning of text, 1 for any other byte, and 0 for a parameter.
func verbatim(text string) int {
	switch {
	case strings.HasPrefix(text, "--"):
		return upTo(text, 2, '\n')
	case text[0] == '\'' || text[0] == '"':
		return upTo(text, 1, text[0])
	case strings.HasPrefix(text, "::"):
		return len("::")
	case text[0] == '$' || text[0] == ':' && nameLength(text[1:]) > 0:
		return 0
	default:
		return 1
	}
}

// upTo returns the length of text up to and including the byte last, which it searches
// behind beginning. A doubled quote ends a literal and begins the next one.
func upTo(text string, beginning int, last byte) int {
	if end := strings.IndexByte(text[beginning:], last); end >= 0 {
		return beginning + end + 1
	}
	return len(text)
}

// nameLength returns the length of the name at the beginning of text; 0 for none.
func nameLength(text string) int {
	for i := range len(text) {
		letter := text[i] == '_' || 'a' <= text[i] && text[i] <= 'z'
		if digit := '0' <= text[i] && text[i] <= '9'; !letter && (i == 0 || !digit) {
			return i
		}
	}
	return len(text)
}
