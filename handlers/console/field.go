package console

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"integr8/handlers/operate/reference"
)

// field is a field of a form, or of a filter. Its name is that of the JSON.
type field struct {
	Name, Words, Kind string
	// Value stands in the form; of a check it is checked or empty.
	Value string
	// Was is the value that the person saw when he began, and Now the one that somebody
	// else has given the object meanwhile; empty where it is the same.
	Was, Now string
	// Choices are those of a choice, and Known are offered beside what can be typed.
	Choices, Known []choice
	Hint, Sample   string
	Required       bool
	Most           int // characters
	// Passing is set for what is said with an edit and not kept.
	Passing bool
	// Problem says why the value is not taken, and Mend what to do.
	Problem, Mend string
}

// The kinds of fields.
const (
	textField   = "text"
	numberField = "number"
	checkField  = "check"
	choiceField = "choice"
)

// checked is the value of a check that is set.
const checked = "yes"

// Of is the words of the field's value, for people who may not change it.
func (f field) Of() string {
	switch {
	case f.Kind == checkField && f.Value == "":
		return "no"
	case f.Kind == choiceField:
		for _, one := range f.Choices {
			if one.Value == f.Value {
				return one.Words
			}
		}
	}
	return f.Value
}

func checkOf(set bool) string {
	if set {
		return checked
	}
	return ""
}

// numberOf writes an id; 0 is none.
func numberOf(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// sent is a form that somebody has sent.
type sent struct {
	visit *visit
	// fields have the values of the object as it is; in typed are those of the form.
	fields []field
	faults []error
}

// text is what was typed into a field.
func (p *sent) text(name string) string { return strings.TrimSpace(p.visit.r.PostFormValue(name)) }

func (p *sent) flag(name string) bool { return p.text(name) != "" }

// number is an id that was typed; 0 for none.
func (p *sent) number(name string) int64 {
	text := p.text(name)
	if text == "" {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		p.fault(name, "this is a number")
		return 0
	}
	return id
}

// list is what was typed by comma.
func (p *sent) list(name string) []string {
	return strings.FieldsFunc(p.text(name), func(r rune) bool { return r == ',' || r == ' ' })
}

func (p *sent) fault(name, text string) {
	p.faults = append(p.faults, reference.At(name, reference.Refuse(reference.ErrInvalid, "%s", text)))
}

// err is what was wrong with the form itself.
func (p *sent) err() error { return errors.Join(p.faults...) }

// account is the one that a new object is of. A user of one account names no other.
func (p *sent) account() int64 {
	if p.visit.user.AccountID != nil {
		return *p.visit.user.AccountID
	}
	account := p.number("account")
	if account == 0 && len(p.faults) == 0 {
		p.fault("account", "name the account")
	}
	return account
}

// owner is the account that somebody sees or opens, or 0 for all. All is no default.
func (p *sent) owner() int64 {
	if p.visit.user.AccountID != nil {
		return *p.visit.user.AccountID
	}
	account := p.number("account")
	switch all := p.flag("all"); {
	case len(p.faults) > 0:
	case account == 0 && !all:
		p.fault("account", "name the account, or choose all accounts")
	case account != 0 && all:
		p.fault("account", "name one account or choose all, not both")
	}
	return account
}

// changes reports whether a field has another value than the object.
func (p *sent) changes(name string) bool {
	at := slices.IndexFunc(p.fields, func(f field) bool { return f.Name == name })
	return at >= 0 && p.text(name) != p.fields[at].Value
}

// changed is what was typed where it changes the object; nil where it does not.
func changed[T any](p *sent, name string, read func(string) T) *T {
	if !p.changes(name) {
		return nil
	}
	value := read(name)
	return &value
}

// any reports whether the form changes the object.
func (p *sent) any() bool {
	return slices.ContainsFunc(p.fields, func(f field) bool { return !f.Passing && p.changes(f.Name) })
}

// typed returns the fields as the person left them, with what is wrong with each. What is
// wrong with no field is joined with what does not concern one.
func (p *sent) typed(faults []reference.Fault) (fields []field, rest []reference.Fault) {
	fields = slices.Clone(p.fields)
	for i := range fields {
		fields[i].Was, fields[i].Value = fields[i].Value, p.text(fields[i].Name)
	}
	for _, fault := range faults {
		at := slices.IndexFunc(fields, func(f field) bool { return f.Name == fault.Field })
		if at < 0 || fields[at].Problem != "" {
			rest = append(rest, fault)
			continue
		}
		fields[at].Problem, fields[at].Mend = capital(fault.Text)+".", fault.Hint
	}
	return fields, rest
}

// merged returns the fields of an object that somebody else has changed meanwhile: with what
// the person has typed, and else with the new values.
func (p *sent) merged() []field {
	fields := slices.Clone(p.fields)
	for i := range fields {
		is, was, typed := fields[i].Value, strings.TrimSpace(p.visit.r.PostFormValue("was_"+fields[i].Name)), p.text(fields[i].Name)
		if fields[i].Was = is; typed != was {
			fields[i].Value = typed
		}
		if is != was && !fields[i].Passing {
			fields[i].Now = is
			if is == "" {
				fields[i].Now = "empty"
			}
		}
	}
	return fields
}

func capital(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if text == "" || strings.Contains(first, ".") { // a host stays as it is
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
