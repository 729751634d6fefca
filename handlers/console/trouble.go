package console

import (
	"maps"
	"slices"

	"integr8/handlers/operate/doctor"
	"integr8/pipeline/failure"
)

// Trouble is what is wrong, the worst first.
type Trouble struct {
	Examined item[doctor.Report]
	Wrong    []doctor.Finding
	Notes    []doctor.Finding
}

// Broken counts the findings by which hits or conversions can be lost or stand still.
func (t Trouble) Broken() (n int64) {
	for _, found := range t.Wrong {
		if found.Level == doctor.Broken {
			n++
		}
	}
	return n
}

// troubleOf returns the findings that an account (0: the whole system) may see. A finding
// belongs to an account when all that it is about does: its counts and examples would tell
// of others.
func troubleOf(examined item[doctor.Report], account int64) Trouble {
	t := Trouble{Examined: examined}
	for _, found := range examined.Value.Findings {
		switch {
		case account != 0 && (found.AccountID != account || found.Omitted > 0):
		case found.Level == doctor.Note:
			t.Notes = append(t.Notes, found)
		default:
			t.Wrong = append(t.Wrong, found)
		}
	}
	return t
}

// unread says what could not be read, and to those who see the whole system also why: an
// error names servers.
func (c *Console) unread(v *visit, errs map[string]error) (sentences []string) {
	for _, what := range slices.Sorted(maps.Keys(errs)) {
		switch err := errs[what]; {
		case err == nil:
		case v.user.AccountID == nil:
			sentences = append(sentences, "Not to be seen now: "+what+": "+c.Hide(failure.OneLine(err)))
		default:
			sentences = append(sentences, "Not to be seen now: "+what+". Where that stays, tell whoever runs this system.")
		}
	}
	return sentences
}
