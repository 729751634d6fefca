package hit

import (
	"slices"
	"strings"
)

// texts is the form of named texts, in the order of their names.
type texts func(*Hit) *map[string]string

func (at texts) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	values := *at(h)
	if len(values) == 0 && empty == omitted {
		return data, nil
	}
	const usual = 16
	names := make([]string, 0, usual)
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	data = append(append(data, key...), '{')
	for i, name := range names {
		if i > 0 {
			data = append(data, ',')
		}
		var err error
		if data, err = appendQuoted(data, name); err != nil {
			return nil, err
		}
		if data, err = appendQuoted(append(data, ':'), values[name]); err != nil {
			return nil, err
		}
	}
	return append(data, '}'), nil
}

// readPlain reads names each of which comes after the one before: so none of them
// comes twice.
func (at texts) readPlain(rest string, h *Hit) (after string, ok bool) {
	const usual = 8
	values := make(map[string]string, usual)
	*at(h) = values
	if rest, ok = strings.CutPrefix(rest, "{"); !ok {
		return "", false
	}
	for last := ""; ; {
		name, value := "", ""
		if name, rest, ok = plainText(rest); !ok || len(values) > 0 && name <= last {
			return "", false
		}
		if rest, ok = strings.CutPrefix(rest, ":"); !ok {
			return "", false
		}
		if value, rest, ok = plainText(rest); !ok || rest == "" {
			return "", false
		}
		values[name], last = value, name
		switch rest[0] {
		case '}':
			return rest[1:], true
		case ',':
			rest = rest[1:]
		default:
			return "", false
		}
	}
}

func (at texts) hasNUL(h *Hit) bool {
	for name, value := range *at(h) {
		if holdsNUL(name) || holdsNUL(value) {
			return true
		}
	}
	return false
}

func (at texts) textBytes(h *Hit) int { return paramBytes(*at(h)) }

// list is the form of a list of texts.
type list func(*Hit) *[]string

func (at list) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	values := *at(h)
	if len(values) == 0 && empty == omitted {
		return data, nil
	}
	data = append(append(data, key...), '[')
	for i, value := range values {
		if i > 0 {
			data = append(data, ',')
		}
		var err error
		if data, err = appendQuoted(data, value); err != nil {
			return nil, err
		}
	}
	return append(data, ']'), nil
}

func (at list) readPlain(rest string, h *Hit) (after string, ok bool) {
	if rest, ok = strings.CutPrefix(rest, "["); !ok {
		return "", false
	}
	for into := at(h); ; {
		value := ""
		if value, rest, ok = plainText(rest); !ok || rest == "" {
			return "", false
		}
		*into = append(*into, value)
		switch rest[0] {
		case ']':
			return rest[1:], true
		case ',':
			rest = rest[1:]
		default:
			return "", false
		}
	}
}

func (at list) hasNUL(h *Hit) bool { return slices.ContainsFunc(*at(h), holdsNUL) }

func (at list) textBytes(h *Hit) int {
	size := 0
	for _, value := range *at(h) {
		size += len(value) + len(`"",`)
	}
	return size
}
