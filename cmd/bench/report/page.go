package report

import (
	"fmt"
	"strings"
)

// Page presents a run.
type Page struct {
	// Facts describe the machine, versions, settings and method, each with a name and a
	// value.
	Facts        [][2]string
	Parts        []Part
	Targets      []Target
	Measurements Measurements
	Plots        []Plot
}

// Part describes how the page shows the measurements of a part.
type Part struct {
	Name, Title string
	// Text says how the part was measured.
	Text string
	// Bases are the contenders by whose rates those of the part are divided.
	Bases []string
}

// Target is a figure that should be reached.
type Target struct {
	Text string
	// Figure is that of Of, or its ratio to that of To.
	Figure Figure
	Of, To Subject
	// Want is the bound; AtMost means that it is an upper bound.
	Want   float64
	AtMost bool
	// Each means that the bound is one of every round, not of the median.
	Each bool
	// Unit follows the figures.
	Unit string
}

// Markdown writes the page. It leaves out parts and targets without
// measurements, and columns without values.
func (p *Page) Markdown() string {
	var page strings.Builder
	page.WriteString("# Bench\n\n")
	for _, fact := range p.Facts {
		fmt.Fprintf(&page, "- **%s**: %s\n", fact[0], fact[1])
	}
	foreign, _ := p.Measurements.Over(func(m Measurement) float64 { return m.Foreign })
	if foreign.Most > 0.05 {
		fmt.Fprintf(&page, "- **Not to be trusted**: processes that take no part used up to %.0f %% of the machine's CPU time.\n", 100*foreign.Most)
	}
	page.WriteString("\nRates are a second, times in milliseconds. A figure is the median of the rounds, with the least and the largest in " +
		"brackets; a ratio is taken within each round before.\n")
	p.targets(&page)
	for _, plot := range p.Plots {
		fmt.Fprintf(&page, "\n![%s](%s)\n", plot.Title, plot.File)
	}
	for _, part := range p.Parts {
		p.part(&page, part)
	}
	return page.String()
}

func (p *Page) targets(page *strings.Builder) {
	page.WriteString("\n## Targets\n\n| target | wanted | measured | |\n|---|---:|---:|---|\n")
	for _, t := range p.Targets {
		spread, ok := p.Measurements.Of(t.Of).Over(t.Figure)
		if t.To != (Subject{}) {
			spread, ok = p.Measurements.Of(t.Of).Ratio(p.Measurements.Of(t.To), t.Figure)
		}
		if !ok {
			continue
		}
		sign, verdict := "≥", "reached"
		if t.AtMost {
			sign = "≤"
		}
		least, most := spread.Median, spread.Median
		if t.Each {
			least, most = spread.Least, spread.Most
		}
		if t.AtMost && most > t.Want || !t.AtMost && least < t.Want {
			verdict = "not reached"
		}
		fmt.Fprintf(page, "| %s | %s %g%s | %s | %s |\n", t.Text, sign, t.Want, t.Unit, spread.text("%.2f"), verdict)
	}
}

func (p *Page) part(page *strings.Builder, part Part) {
	subjects := p.Measurements.subjects(part.Name)
	if len(subjects) == 0 {
		return
	}
	fmt.Fprintf(page, "\n## %s\n\n%s\n", part.Title, part.Text)
	p.columns(page, "", p.rates(part), subjects)
	p.columns(page, "CPU µs a hit", costs(), subjects)
	for _, m := range p.Measurements {
		if m.Part == part.Name && m.Note != "" {
			fmt.Fprintf(page, "\n%s, round %d: %s\n", m.Name(), m.Round, m.Note)
		}
	}
}

// column is one figure of each subject.
type column struct {
	head, format string
	figure       Figure
	// base is the divisor of the figure; nil for none.
	base Measurements
}

func (p *Page) rates(part Part) []column {
	columns := []column{
		{head: "offered", format: "%.0f", figure: func(m Measurement) float64 { return m.Offered }},
		{head: "accepted", format: "%.0f", figure: func(m Measurement) float64 { return m.Accepted }},
		{head: "committed", format: "%.0f", figure: func(m Measurement) float64 { return m.Committed }},
	}
	for _, base := range part.Bases {
		if rounds := p.Measurements.Of(Subject{Part: part.Name, Contender: base}); rounds != nil {
			columns = append(columns, column{"rate / " + base, "%.2f", Measurement.Rate, rounds})
		}
	}
	return append(columns,
		column{head: "answer p50", format: "%.1f", figure: func(m Measurement) float64 { return m.Answer.P50 }},
		column{head: "p99", format: "%.1f", figure: func(m Measurement) float64 { return m.Answer.P99 }},
		column{head: "committed p50", format: "%.1f", figure: func(m Measurement) float64 { return m.Through.P50 }},
		column{head: "p99", format: "%.1f", figure: func(m Measurement) float64 { return m.Through.P99 }},
		column{head: "longest", format: "%.0f", figure: func(m Measurement) float64 { return m.Through.Max }})
}

func costs() []column {
	var columns []column
	for _, group := range groups {
		columns = append(columns, column{head: group, format: "%.1f", figure: func(m Measurement) float64 { return m.CPU[group] }})
	}
	return append(columns,
		column{head: "all", format: "%.1f", figure: Measurement.TotalCPU},
		column{head: "WAL bytes a hit", format: "%.0f", figure: func(m Measurement) float64 { return m.WALBytes }},
		column{head: "receiver MB", format: "%.0f", figure: func(m Measurement) float64 { return m.ReceiverMB }},
		column{head: "worker MB", format: "%.0f", figure: func(m Measurement) float64 { return m.WorkerMB }})
}

// columns writes a table with one line a subject. It leaves out columns without
// measurements.
func (p *Page) columns(page *strings.Builder, title string, columns []column, subjects []Subject) {
	lines := []string{"| " + title + " |", "|---|"}
	for _, subject := range subjects {
		lines = append(lines, "| "+subject.Name()+" |")
	}
	for _, c := range columns {
		cells := []string{c.head, "---:"}
		filled := false
		for _, subject := range subjects {
			spread, _ := p.Measurements.Of(subject).Over(c.figure)
			if c.base != nil {
				spread, _ = p.Measurements.Of(subject).Ratio(c.base, c.figure)
			}
			cell := ""
			if spread.Most != 0 {
				cell, filled = spread.text(c.format), true
			}
			cells = append(cells, cell)
		}
		for i := range lines {
			if filled {
				lines[i] += " " + cells[i] + " |"
			}
		}
	}
	page.WriteString("\n" + strings.Join(lines, "\n") + "\n")
}
