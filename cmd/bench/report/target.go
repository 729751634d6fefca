package report

import "fmt"

// Target is a figure that is to be reached.
type Target struct {
	Text string
	// Value takes the figure from the measurements; false when they do not
	// hold it.
	Value func(Measurements) (Spread, bool)
	// Want is the bound; AtMost says on which side the figure has to be.
	Want   float64
	AtMost bool
	// Unit stands behind the figures.
	Unit string
}

func (t Target) reached(s Spread) bool {
	if t.AtMost {
		return s.Median <= t.Want
	}
	return s.Median >= t.Want
}

func (p *page) targets(all Measurements, targets []Target) {
	var rows [][]string
	for _, t := range targets {
		spread, ok := t.Value(all)
		if !ok {
			continue
		}
		sign, verdict := "≥", "not reached"
		if t.AtMost {
			sign = "≤"
		}
		if t.reached(spread) {
			verdict = "reached"
		}
		rows = append(rows, []string{t.Text, fmt.Sprintf("%s %g%s", sign, t.Want, t.Unit), spread.tell("%.2f"), verdict})
	}
	if len(rows) > 0 {
		p.say("\n## Targets\n")
		p.table([]string{"target", "wanted", "measured", ""}, rows)
	}
}
