package report

import (
	"fmt"
	"io"
	"strings"
)

// Run is all that was found out, and under which circumstances.
type Run struct {
	// Facts describe machine, versions, settings and method, each as a name
	// and a value.
	Facts        [][2]string  `json:"facts"`
	Measurements Measurements `json:"measurements"`
}

// Base is what the rates of a part are compared with.
type Base struct{ Contender, Setting string }

// Part is how the measurements of a part are told.
type Part struct {
	Name, Title string
	// Text says what was done.
	Text  string
	Bases []Base
}

// Write writes the page as Markdown. Parts without measurements, and plots
// that were not drawn, are left out.
func (r *Run) Write(to io.Writer, parts []Part, targets []Target, plots []Plot) error {
	p := &page{to: to}
	p.say("# Bench\n\n")
	for _, fact := range r.Facts {
		p.say("- **%s**: %s\n", fact[0], fact[1])
	}
	if busiest := r.Measurements.busiest(); busiest > 0.05 {
		p.say("- **Not to be trusted**: processes that take no part used up to %.0f %% of the machine's CPU time.\n", 100*busiest)
	}
	p.say("\nRates are a second, times in milliseconds. A figure is the median of the rounds, with the least and the largest in " +
		"brackets; a ratio is taken within each round before.\n")
	p.targets(r.Measurements, targets)
	for _, plot := range plots {
		p.say("\n![%s](%s)\n", plot.Title, plot.File)
	}
	for _, part := range parts {
		p.part(r.Measurements, part)
	}
	return p.err
}

// page writes until the first error.
type page struct {
	to  io.Writer
	err error
}

func (p *page) say(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format, args...)
	}
}

// table leaves out columns in which no row has anything to tell.
func (p *page) table(head []string, rows [][]string) {
	used := make([]bool, len(head))
	used[0] = true
	for _, row := range rows {
		for i, cell := range row {
			used[i] = used[i] || cell != ""
		}
	}
	line := func(cells []string) {
		var kept []string
		for i, cell := range cells {
			if used[i] {
				kept = append(kept, cell)
			}
		}
		p.say("| %s |\n", strings.Join(kept, " | "))
	}
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---:"
	}
	rule[0] = "---"
	p.say("\n")
	line(head)
	line(rule)
	for _, row := range rows {
		line(row)
	}
}

func (p *page) part(all Measurements, part Part) {
	rows := all.rows(part.Name)
	if len(rows) == 0 {
		return
	}
	p.say("\n## %s\n\n%s\n", part.Title, part.Text)
	p.rates(all, part, rows)
	p.costs(rows)
	for _, r := range rows {
		for _, m := range r.rounds {
			if m.Note != "" {
				p.say("\n%s, round %d: %s\n", r.name(), m.Round, m.Note)
			}
		}
	}
}

func (r row) name() string {
	if r.setting == "" {
		return r.contender
	}
	return r.contender + ", " + r.setting
}

func (p *page) rates(all Measurements, part Part, rows []row) {
	head := []string{"", "offered", "accepted", "committed", "rate"}
	for _, base := range part.Bases {
		head = append(head, "rate / "+row{contender: base.Contender, setting: base.Setting}.name())
	}
	head = append(head, "answer p50", "p99", "committed p50", "p99")
	var cells [][]string
	for _, r := range rows {
		line := []string{
			r.name(),
			r.figure("%.0f", func(m Measurement) float64 { return m.Offered }),
			r.figure("%.0f", func(m Measurement) float64 { return m.Accepted }),
			r.figure("%.0f", func(m Measurement) float64 { return m.Committed }),
			r.figure("**%.0f**", Measurement.Rate),
		}
		for _, base := range part.Bases {
			line = append(line, told("%.2f", Measurement.Rate, r.rounds, all.Find(part.Name, base.Contender, base.Setting)))
		}
		cells = append(cells, append(line,
			r.figure("%.1f", func(m Measurement) float64 { return m.Answer.P50 }),
			r.figure("%.1f", func(m Measurement) float64 { return m.Answer.P99 }),
			r.figure("%.1f", func(m Measurement) float64 { return m.Through.P50 }),
			r.figure("%.1f", func(m Measurement) float64 { return m.Through.P99 }),
		))
	}
	p.table(head, cells)
}

func (p *page) costs(rows []row) {
	head, peaks := []string{"CPU µs a hit"}, []string{"peak MB"}
	for _, group := range groups {
		head, peaks = append(head, group), append(peaks, group)
	}
	head = append(head, "all", "without load generator", "WAL bytes a hit", "hits a message", "hits a transaction")
	var cells, memory [][]string
	for _, r := range rows {
		line, peak := []string{r.name()}, []string{r.name()}
		for _, group := range groups {
			line = append(line, r.figure("%.1f", func(m Measurement) float64 { return m.CPU[group] }))
			peak = append(peak, r.figure("%.0f", func(m Measurement) float64 { return m.PeakMB[group] }))
		}
		cells = append(cells, append(line, r.figure("**%.1f**", Measurement.TotalCPU), r.figure("%.1f", Measurement.SystemCPU),
			r.figure("%.0f", func(m Measurement) float64 { return m.WALBytes }),
			r.figure("%.1f", func(m Measurement) float64 { return m.HitsAMessage }),
			r.figure("%.1f", func(m Measurement) float64 { return m.HitsATransaction })))
		memory = append(memory, peak)
	}
	p.table(head, cells)
	p.table(peaks, memory)
}

// figure tells a figure of a row; nothing when it was not measured.
func (r row) figure(format string, figure func(Measurement) float64) string {
	spread, ok := Over(r.rounds, figure)
	if !ok || spread.Most == 0 {
		return ""
	}
	return spread.tell(format)
}

func told(format string, figure func(Measurement) float64, of, to []Measurement) string {
	spread, ok := Ratio(of, to, figure, figure)
	if !ok {
		return ""
	}
	return spread.tell(format)
}

func (s Spread) tell(format string) string {
	median := fmt.Sprintf(format, s.Median)
	plain := strings.Trim(format, "*")
	least, most := fmt.Sprintf(plain, s.Least), fmt.Sprintf(plain, s.Most)
	if least == most {
		return median
	}
	return fmt.Sprintf("%s [%s–%s]", median, least, most)
}
