package hit

import "reflect"

// What the tests of package hit_test need: they redact, and redact imports hit.
var (
	Deciding     = deciding
	Details      = details
	Whole        = whole
	EscapedBytes = escapedBytes
	SetText      = setText
	TestKeys     = keys
)

// MaxKeyBytes is maxKeyBytes.
const MaxKeyBytes = maxKeyBytes

// MostBytes is mostBytes.
func (h *Hit) MostBytes() int { return h.mostBytes() }

// Redacted returns for each field of Hit whether its text is redacted.
func Redacted() map[string]bool {
	redacted := map[string]bool{}
	for i := range fields {
		name := reflect.TypeFor[Hit]().Field(i).Name
		redacted[name] = fields[i].limit > 0 || name == "Params"
	}
	return redacted
}

// setText puts text into a field of any form that is made of text.
func setText(field reflect.Value, text string) bool {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Map:
		field.Set(reflect.ValueOf(map[string]string{text: text, "a": text}))
	case reflect.Slice:
		field.Set(reflect.ValueOf([]string{text}))
	default:
		return false
	}
	return true
}
