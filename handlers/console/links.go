package console

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
)

// linksOfPages are the functions of templates that make links and forms.
var linksOfPages = template.FuncMap{
	"tab":     tabOf,
	"linked":  func(to string, value any) linked { return linked{to, value} },
	"further": further,
	"actsOn":  actsOn,
	"states":  func() []choice { return deadStates },
}

// tab is a link to a page in the head of all.
type tab struct {
	To, Words string
	Current   bool
}

// tabOf is current on its own page and on those below it.
func tabOf(s shown, page, to, words string) tab {
	current := s.Page == page || to != "/" && strings.HasPrefix(s.Path, to+"/")
	if s.Whole && s.Account != 0 {
		to = address(to, url.Values{"account": {strconv.FormatInt(s.Account, 10)}})
	}
	return tab{to, words, current}
}

// linked is a value with the address of what it counts; empty for none.
type linked struct {
	To    string
	Value any
}

// further returns an address with another value of a parameter.
func further(of, name, value string) string {
	to, err := url.Parse(of)
	if err != nil {
		return of
	}
	values := to.Query()
	values.Set(name, value)
	return address(to.Path, values)
}

// acts is a form that acts on one letter.
type acts struct {
	Receipt, Back string
	Discarded     bool
}

func actsOn(receipt uuid.UUID, status, back string) acts {
	return acts{receipt.String(), back, status == string(dead.Discarded)}
}

// choice is an option of a form.
type choice struct{ Value, Words string }

// deadStates are the states and groups of states that the list of dead letters is
// filtered by.
var deadStates = func() []choice {
	choices := []choice{{string(dead.StateAttention), "to look at"}}
	for _, state := range dead.States() {
		choices = append(choices, choice{string(state), strings.ReplaceAll(string(state), "_", " ")})
	}
	return append(choices, choice{anyState, "all"})
}()
