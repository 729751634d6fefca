package report

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Plot is a drawing.
type Plot struct {
	Title, File string
	SVG         []byte
}

// Plots draws the rates of the part named compare, and the times of the part named
// latency against its load. It skips a part without measurements.
func (all Measurements) Plots(compare, latency string) []Plot {
	// The bars are those of contenders without settings.
	bars := slices.DeleteFunc(all.subjects(compare), func(s Subject) bool { return s.Setting != "" })
	var plots []Plot
	if len(bars) > 0 {
		plots = append(plots, all.bars("Conversions a second, sustained", "throughput.svg", bars))
	}
	if curves := all.subjects(latency); len(curves) > 0 {
		plots = append(plots, all.curves("Milliseconds (p99) against postbacks a second", "latency.svg", curves))
	}
	return plots
}

// The size of a drawing, and the position of the plot in it, in points.
const (
	drawingWidth, drawingHeight = 640.0, 320.0
	plotLeft, plotRight         = 56.0, drawingWidth - 16
	plotTop, plotBottom         = 32.0, drawingHeight - 44
)

// colours can be distinguished by people with colour blindness: those of Okabe and Ito.
var colours = []string{"#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"}

// drawing collects the elements of an SVG.
type drawing struct{ strings.Builder }

func draw(title string) *drawing {
	d := &drawing{}
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="Liberation Sans,Arial,Helvetica,sans-serif" font-size="11">`,
		drawingWidth, drawingHeight)
	d.add(`<rect width="100%%" height="100%%" fill="#FFFFFF"/>`)
	d.text(drawingWidth/2, 18, "middle", title)
	d.add(`<path d="M%g,%gV%gH%g" fill="none" stroke="#000000"/>`, plotLeft, plotTop, plotBottom, plotRight)
	return d
}

func (d *drawing) add(element string, args ...any) { fmt.Fprintf(d, element+"\n", args...) }

// text writes at a point, which is the start, middle or end of the text.
func (d *drawing) text(x, y float64, anchor, text string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, html.EscapeString(text))
}

func (d *drawing) plot(title, file string) Plot {
	d.add("</svg>")
	return Plot{title, file, []byte(d.String())}
}

func (all Measurements) median(subject Subject, figure Figure) float64 {
	spread, _ := all.Of(subject).Over(figure)
	return spread.Median
}

// bars draws the rate of each subject.
func (all Measurements) bars(title, file string, subjects []Subject) Plot {
	d := draw(title)
	highest := 1.0
	for _, s := range subjects {
		highest = max(highest, all.median(s, Measurement.Rate))
	}
	room := (plotRight - plotLeft) / float64(len(subjects))
	for i, s := range subjects {
		rate := all.median(s, Measurement.Rate)
		left, height := plotLeft+room*(float64(i)+0.25), (plotBottom-plotTop-20)*rate/highest
		d.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, left, plotBottom-height, room/2, height, colours[0])
		d.text(left+room/4, plotBottom-height-4, "middle", fmt.Sprintf("%.0f", rate))
		for line, part := range strings.SplitAfter(s.Contender, ", ") {
			d.text(left+room/4, plotBottom+14*float64(line+1), "middle", part)
		}
	}
	return d.plot(title, file)
}

// curves draws, for each contender, the 99th percentiles of the commit and, dashed, of
// the HTTP answer over the offered rate. Both axes are logarithmic.
func (all Measurements) curves(title, file string, subjects []Subject) Plot {
	d := draw(title)
	offered := func(m Measurement) float64 { return m.Offered }
	lines := []struct {
		name, dashes string
		figure       Figure
	}{
		{"committed", "none", func(m Measurement) float64 { return m.Through.P99 }},
		{"answer", "4 3", func(m Measurement) float64 { return m.Answer.P99 }},
	}
	slices.SortStableFunc(subjects, func(a, b Subject) int { return cmp.Compare(all.median(a, offered), all.median(b, offered)) })
	along := axis{begin: plotLeft, end: plotRight}
	up := axis{begin: plotBottom, end: plotTop}
	var contenders []string
	for _, s := range subjects {
		if !slices.Contains(contenders, s.Contender) {
			contenders = append(contenders, s.Contender)
		}
		along.reach(all.median(s, offered))
		for _, line := range lines {
			up.reach(all.median(s, line.figure))
		}
	}
	up.to *= 10 // room for the legend
	for _, tick := range along.ticks() {
		d.text(along.at(tick), plotBottom+14, "middle", fmt.Sprint(tick))
	}
	for _, tick := range up.ticks() {
		d.text(plotLeft-6, up.at(tick)+4, "end", fmt.Sprint(tick))
		d.add(`<path d="M%g,%.1fH%g" stroke="#D0D0D0" stroke-width="0.5"/>`, plotLeft, up.at(tick), plotRight)
	}
	for i, contender := range contenders {
		colour := colours[i%len(colours)]
		for j, line := range lines {
			var points strings.Builder
			for _, s := range subjects {
				if s.Contender == contender {
					fmt.Fprintf(&points, "%.1f,%.1f ", along.at(all.median(s, offered)), up.at(all.median(s, line.figure)))
				}
			}
			stroke := fmt.Sprintf(`fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"`, colour, line.dashes)
			d.add(`<polyline points="%s" %s/>`, points.String(), stroke)
			x, y := plotLeft+8+240*float64(j), plotTop+14*float64(i+1)
			d.add(`<path d="M%g,%gh20" %s/>`, x, y-4, stroke)
			d.text(x+26, y, "start", contender+", "+line.name)
		}
	}
	return d.plot(title, file)
}

// axis places positive values on the drawing, by their logarithms.
type axis struct{ from, to, begin, end float64 }

// reach extends the axis to contain a value.
func (a *axis) reach(value float64) {
	value = max(0.01, value) // a logarithm needs a positive one
	if a.to == 0 {
		a.from, a.to = value, 1.01*value
	}
	a.from, a.to = min(a.from, value), max(a.to, value)
}

func (a *axis) at(value float64) float64 {
	return a.begin + math.Log(max(0.01, value)/a.from)/math.Log(a.to/a.from)*(a.end-a.begin)
}

// ticks returns 1, 2 and 5 times each power of ten on the axis.
func (a *axis) ticks() []float64 {
	var values []float64
	for power := math.Pow(10, math.Floor(math.Log10(a.from))); power <= a.to; power *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			if value := digit * power; value >= a.from && value <= a.to {
				values = append(values, value)
			}
		}
	}
	return values
}
